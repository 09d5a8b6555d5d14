// Uses the installed headers only; ids of two kinds must stay two types for outsiders, too.
#include <agentpool/core/strong_id.hpp>

#include <type_traits>

int main() {
  using lamp_id = agentpool::core::strong_id<struct lamp_tag>;
  using room_id = agentpool::core::strong_id<struct room_tag>;
  static_assert(!std::is_convertible_v<lamp_id, room_id>);
}
