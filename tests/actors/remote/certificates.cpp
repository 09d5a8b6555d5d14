#include "actors/remote/certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cstdio>
#include <stdexcept>

namespace agentpool::testing {

namespace {

void must(bool well) {
  if (!well) throw std::runtime_error{"OpenSSL made no certificate"};
}

void extend(X509* certificate, X509* issuer, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> made{
      X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str()), &X509_EXTENSION_free};
  must(made != nullptr && X509_add_ext(certificate, made.get(), -1) == 1);
}

std::shared_ptr<X509> blank(const std::string& name, EVP_PKEY* key,
                            const certificate_terms& terms) {
  static std::atomic<long> serial{1};
  std::shared_ptr<X509> made{X509_new(), X509_free};
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial.fetch_add(1));
  X509_gmtime_adj(X509_getm_notBefore(made.get()), terms.from_days * 86'400L);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), terms.until_days * 86'400L);
  X509_set_pubkey(made.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return made;
}

struct file_end {
  void operator()(std::FILE* open) const { std::fclose(open); }
};
using file = std::unique_ptr<std::FILE, file_end>;

void write(const std::string& path, X509* certificate) {
  const file to{std::fopen(path.c_str(), "w")};
  must(to && PEM_write_X509(to.get(), certificate) == 1);
}

}  // namespace

authority::authority(std::string folder, const std::string& name, certificate_terms terms)
    : folder_{std::move(folder)},
      path_{folder_ + "/" + name + ".pem"},
      key_{EVP_EC_gen("P-256"), EVP_PKEY_free} {
  certificate_ = blank(name, key_.get(), terms);
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  extend(certificate_.get(), certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  must(X509_sign(certificate_.get(), key_.get(), EVP_sha256()) > 0);
  write(path_, certificate_.get());
}

authority::~authority() = default;

actors::remote::tls_files authority::issue(const std::string& name,
                                           const certificate_terms& terms) const {
  const std::shared_ptr<EVP_PKEY> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  const auto made = blank(name, key.get(), terms);
  X509_set_issuer_name(made.get(), X509_get_subject_name(certificate_.get()));
  extend(made.get(), certificate_.get(), NID_ext_key_usage, "clientAuth,serverAuth");
  std::string hosts;
  for (const auto& each : terms.hosts) hosts += (hosts.empty() ? "" : ",") + each;
  if (!hosts.empty()) extend(made.get(), certificate_.get(), NID_subject_alt_name, hosts);
  must(X509_sign(made.get(), key_.get(), EVP_sha256()) > 0);
  const actors::remote::tls_files files{folder_ + "/" + name + ".pem",
                                        folder_ + "/" + name + ".key", path_};
  write(files.certificate, made.get());
  const file to{std::fopen(files.key.c_str(), "w")};
  must(to && PEM_write_PrivateKey(to.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return files;
}

}  // namespace agentpool::testing
