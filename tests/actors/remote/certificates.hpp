// A private authority and certificates, made for one test.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <vector>

#include "agentpool/actors/remote/transport_options.hpp"

namespace agentpool::testing {

/// What a certificate says beside its name.
struct certificate_terms {
  int from_days = -1;  ///< Valid from so many days from now on.
  int until_days = 1;
  std::vector<std::string> hosts;  ///< As OpenSSL writes them: "DNS:node-1", "IP:127.0.0.1".
};

/// Signs certificates and writes them below a folder.
class authority {
 public:
  /// Its own certificate becomes FOLDER/NAME.pem.
  authority(std::string folder, const std::string& name, certificate_terms terms = {});
  ~authority();

  /// FOLDER/NAME.pem and FOLDER/NAME.key, signed by this authority.
  [[nodiscard]] actors::remote::tls_files issue(const std::string& name,
                                                const certificate_terms& terms = {}) const;

 private:
  std::string folder_;
  std::string path_;
  std::shared_ptr<x509_st> certificate_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace agentpool::testing
