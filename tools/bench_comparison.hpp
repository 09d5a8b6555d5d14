#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agentpool/core/outcome.hpp"
#include "bench_figures.hpp"

namespace agentpool::tools {

/// What is aimed at: a bound of the figure itself, or of its ratio to the reference.
struct bench_goal {
  enum class kind { ratio_at_least, ratio_at_most, at_least, at_most };

  kind what = kind::ratio_at_least;
  double bound = 0;
};

/// One figure that a part gives in each round.
struct measure {
  std::string figure;          ///< In words, with its unit: "recipients a second".
  std::string reference = {};  ///< What the reference does; empty: there is none.
  std::optional<bench_goal> goal = {};
};

/// A part as it can be measured: each side gives one value a measure, in the order of `measures`.
/// The sides keep what they need alive.
struct bench_sides {
  using side = std::function<core::outcome<std::vector<double>>()>;

  std::vector<measure> measures;
  side ours;
  side reference = {};  ///< Null: the part stands alone.
};

/// A measure with what came of it; reference and ratio are zero where there is no reference.
struct measured {
  measure what;
  spread value;
  spread reference;
  spread ratio;  ///< Of the values of one round.

  /// Whether the median reaches the goal; none without a goal.
  [[nodiscard]] std::optional<bool> met() const;
};

/// What a part gave.
struct comparison {
  std::string name;
  std::size_t rounds = 0;
  double scale = 1;  ///< Of the sizes in the part's name.
  std::vector<measured> measures;
};

/// Measures both sides, in turns, `rounds` times; who goes first changes from round to round.
/// `told` is called before each round, with its number from 1.
[[nodiscard]] core::outcome<comparison> compare(const std::string& name, const bench_sides& sides,
                                                std::size_t rounds,
                                                const std::function<void(std::size_t)>& told);

/// The part as a JSON object.
[[nodiscard]] std::string comparison_json(const comparison& part);

/// All parts as a Markdown table, a line a measure; empty without parts.
[[nodiscard]] std::string comparison_markdown(const std::vector<comparison>& all);

}  // namespace agentpool::tools
