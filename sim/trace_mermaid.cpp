#include <cctype>

#include "agentpool/core/utf8.hpp"
#include "agentpool/sim/trace_export.hpp"

namespace agentpool::sim {

namespace {

/// Mermaid has entities for what its grammar would take for its own: "#59;" is a semicolon.
std::string as_mermaid(const std::string& text) {
  static constexpr std::string_view plain = " _.:,=-/*";
  std::string out;
  for (const char letter : printable(text)) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool kept =
        byte >= 0x80 || std::isalnum(byte) != 0 || plain.find(letter) != std::string_view::npos;
    if (kept) {
      out += letter;
    } else {
      out += "#" + std::to_string(byte) + ";";
    }
  }
  return out;
}

std::string participant(std::size_t actor) { return "a" + std::to_string(actor); }

}  // namespace

std::string to_mermaid(const trace& what) {
  std::string out = "sequenceDiagram\n";
  for (std::size_t i = 0; i < what.actors().size(); ++i)
    out += "  participant " + participant(i) + " as " + as_mermaid(what.actors()[i]) + "\n";
  for (std::size_t i = 0; i < what.size(); ++i) {
    const auto& line = what.lines()[i];
    const auto ids = to_text(line.ids);
    out += "  " + participant(what.sender(i)) + "->>" + participant(what.place(i).actor) + ": " +
           std::to_string(line.step) + " " + as_mermaid(line.message);
    if (!ids.empty()) out += " " + as_mermaid(ids);
    out += '\n';
  }
  return out;
}

}  // namespace agentpool::sim
