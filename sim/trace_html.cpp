#include "agentpool/core/json_tree.hpp"
#include "agentpool/sim/trace_export.hpp"
#include "sim/trace_page.hpp"

namespace agentpool::sim {

namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (const char letter : printable(text)) {
    switch (letter) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      default: out += letter;
    }
  }
  return out;
}

/// JSON that no HTML parser takes for the end of its element: these three stand in strings alone.
void append_harmless(std::string& out, const std::string& json) {
  for (const char letter : json) {
    switch (letter) {
      case '<': out += "\\u003c"; break;
      case '>': out += "\\u003e"; break;
      case '&': out += "\\u0026"; break;
      default: out += letter;
    }
  }
}

/// Each line with who handled it and, from 0, the line that caused it.
std::string data_of(const trace& what) {
  std::string out = "[";
  for (std::size_t i = 0; i < what.size(); ++i) {
    out += i == 0 ? "\n[" : ",\n[";
    out += std::to_string(what.sender(i)) + "," + std::to_string(what.place(i).actor) + ",";
    const auto cause = what.cause(i);
    out += (cause ? std::to_string(*cause) : "-1") + ",";
    append_harmless(out, to_json(what.lines()[i]));
    out += "]";
  }
  return out + "\n]";
}

std::string actors_of(const trace& what) {
  std::string names = "[";
  for (const auto& actor : what.actors()) {
    if (names.size() > 1) names += ',';
    core::write_json_string(names, actor);
  }
  std::string out;
  append_harmless(out, names + "]");
  return out;
}

}  // namespace

std::string to_html(const trace& what, const std::string& title) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      // Nothing is loaded from anywhere, whatever the trace holds.
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>" +
      escaped(title) + "</title>\n<style>\n";
  out.append(page_style).append("</style>\n</head>\n<body>\n");
  out.append("<h1>").append(escaped(title)).append("</h1>\n").append(page_body);
  out.append("<script type=\"application/json\" id=\"actors\">").append(actors_of(what));
  out.append("</script>\n<script type=\"application/json\" id=\"lines\">").append(data_of(what));
  out.append("</script>\n<script>\n'use strict';\n").append(page_script).append(page_drawing);
  return out + "</script>\n</body>\n</html>\n";
}

}  // namespace agentpool::sim
