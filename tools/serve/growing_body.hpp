#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

namespace agentpool::tools::http_detail {

/// A body for a parser of Beast. It takes memory for what has come; Beast's own one takes it for
/// the length that a client announces.
struct growing_body {
  using value_type = std::string;

  class reader {
   public:
    template <bool is_request, class Fields>
    reader(boost::beast::http::header<is_request, Fields>&, value_type& body) : body_{body} {}

    void init(const boost::optional<std::uint64_t>&, boost::system::error_code& fault) {
      fault = {};
    }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, boost::system::error_code& fault) {
      fault = {};
      const auto before = body_.size();
      for (const auto piece : boost::beast::buffers_range_ref(buffers))
        body_.append(static_cast<const char*>(piece.data()), piece.size());
      return body_.size() - before;
    }
    void finish(boost::system::error_code& fault) { fault = {}; }

   private:
    value_type& body_;
  };
};

}  // namespace agentpool::tools::http_detail
