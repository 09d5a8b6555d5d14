#include "http_message.hpp"

#include <algorithm>

#include "agentpool/core/utf8.hpp"

namespace agentpool::tools {

namespace {

std::optional<std::string_view> find(const http_fields& fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const auto& field) { return field.first == name; });
  if (found == fields.end()) return std::nullopt;
  return found->second;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto bytes = core::utf8_sequence_bytes(text, at);
    if (bytes == 0) return false;
    at += bytes;
  }
  return true;
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Nothing when a percent sign is not followed by two digits, or the bytes are no UTF-8 text.
std::optional<std::string> decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (text.size() - i < 3) return std::nullopt;
      const int high = digit_of(text[i + 1]);
      const int low = digit_of(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  if (!is_utf8(out)) return std::nullopt;
  return out;
}

core::outcome<void> bad_target(std::string_view where) {
  return core::contract_violation("the " + std::string{where} +
                                  " of the target is not percent-encoded UTF-8");
}

core::outcome<void> read_query(std::string_view text, http_fields& into) {
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (one.empty()) continue;
    const auto equals = std::min(one.find('='), one.size());
    auto name = decoded(one.substr(0, equals), true);
    auto value = decoded(one.substr(std::min(equals + 1, one.size())), true);
    if (!name || !value) return bad_target("query");
    into.emplace_back(std::move(*name), std::move(*value));
  }
  return {};
}

/// Whether the text begins so, in whatever case its letters are; `begin` has no upper case ones.
bool begins(std::string_view text, std::string_view begin) {
  return text.size() >= begin.size() &&
         std::equal(begin.begin(), begin.end(), text.begin(), [](char a, char b) {
           return a == b || (b >= 'A' && b <= 'Z' && a == static_cast<char>(b + 32));
         });
}

/// What stands there before the path; "" for a target in origin form.
std::string_view place_of(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (begins(target, scheme))
      return target.substr(0, std::min(target.find_first_of("/?", scheme.size()), target.size()));
  return {};
}

/// The Host of a target in absolute form is the one that counts (RFC 9112, 3.2.2).
core::outcome<void> take_host(std::string_view place, http_request& into) {
  const auto host = place.substr(place.find("//") + 2);
  if (host.empty() || host.find('@') != std::string_view::npos)
    return core::contract_violation("the target names no host that is served");
  std::erase_if(into.headers, [](const auto& field) { return field.first == "host"; });
  into.headers.emplace_back("host", host);
  return {};
}

}  // namespace

std::optional<std::string_view> http_request::header(std::string_view name) const {
  return find(headers, name);
}

std::optional<std::string_view> http_request::parameter(std::string_view name) const {
  return find(query, name);
}

core::outcome<void> read_target(std::string_view target, http_request& into) {
  into.target = target;
  into.path.clear();
  into.query.clear();
  if (target == "*" && into.method == "OPTIONS") return {};
  if (const auto place = place_of(target); !place.empty()) {
    if (auto taken = take_host(place, into); !taken) return taken;
    target.remove_prefix(place.size());
  } else if (target.empty() || target.front() != '/') {
    return core::contract_violation("the target must begin with /");
  }
  const auto mark = std::min(target.find('?'), target.size());
  auto path = target.substr(0, mark);
  if (!path.empty()) path.remove_prefix(1);
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    auto segment = decoded(path.substr(0, end), false);
    if (!segment) return bad_target("path");
    into.path.push_back(std::move(*segment));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return read_query(target.substr(std::min(mark + 1, target.size())), into.query);
}

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view plain = "-._~";
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || plain.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

}  // namespace agentpool::tools
