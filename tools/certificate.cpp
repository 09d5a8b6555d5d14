#include "certificate.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace agentpool::tools {

namespace {

using memory = std::unique_ptr<BIO, decltype(&BIO_free)>;

constexpr long day_seconds = 86'400;
/// Clocks of machines differ: valid since an hour ago.
constexpr long early_seconds = 3'600;

memory empty_memory() { return {BIO_new(BIO_s_mem()), &BIO_free}; }
memory memory_with(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

std::string text_in(BIO* held) {
  char* start = nullptr;
  const auto size = BIO_get_mem_data(held, &start);
  return {start, static_cast<std::size_t>(size)};
}

core::agent_error openssl_failed(const std::string& what) {
  const char* reason = ERR_reason_error_string(ERR_get_error());
  ERR_clear_error();
  return core::host_configuration_needed("OpenSSL cannot " + what +
                                         (reason != nullptr ? ": " + std::string{reason} : ""));
}

/// Adds an extension in the notation of OpenSSL's configuration files.
bool extend(X509* certificate, X509* issuer, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> made{
      X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str()), &X509_EXTENSION_free};
  return made && X509_add_ext(certificate, made.get(), -1) == 1;
}

/// 127 random bits: no two certificates of an authority have the same.
bool number(X509* certificate) {
  std::array<unsigned char, 16> chance{};
  if (RAND_bytes(chance.data(), static_cast<int>(chance.size())) != 1) return false;
  chance.front() &= 0x7FU;
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> drawn{
      BN_bin2bn(chance.data(), static_cast<int>(chance.size()), nullptr), &BN_free};
  return drawn && BN_to_ASN1_INTEGER(drawn.get(), X509_get_serialNumber(certificate)) != nullptr;
}

/// With a new key, named and dated; neither extended nor signed.
core::outcome<certified_key> blank(const std::string& name, std::uint64_t days) {
  certified_key made;
  made.key.reset(EVP_EC_gen("P-256"));
  made.certificate.reset(X509_new());
  auto* const certificate = made.certificate.get();
  if (!made.key || certificate == nullptr || X509_set_version(certificate, X509_VERSION_3) != 1 ||
      !number(certificate) || X509_set_pubkey(certificate, made.key.get()) != 1 ||
      X509_gmtime_adj(X509_getm_notBefore(certificate), -early_seconds) == nullptr ||
      X509_gmtime_adj(X509_getm_notAfter(certificate), static_cast<long>(days) * day_seconds) ==
          nullptr ||
      X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(name.data()),
                                 static_cast<int>(name.size()), -1, 0) != 1)
    return openssl_failed("make a certificate");
  return made;
}

bool sign(X509* certificate, X509* issuer, EVP_PKEY* key) {
  return X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
         X509_sign(certificate, key, EVP_sha256()) > 0;
}

/// "IP:10.0.0.5" or "DNS:node-1"; none when it is neither. What is no name could say anything in
/// OpenSSL's notation.
core::outcome<std::string> alternative_name(const std::string& host) {
  const std::unique_ptr<ASN1_OCTET_STRING, decltype(&ASN1_OCTET_STRING_free)> address{
      a2i_IPADDRESS(host.c_str()), &ASN1_OCTET_STRING_free};
  ERR_clear_error();
  if (address) return "IP:" + host;
  const auto of_a_name = [](char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '-' || letter == '.';
  };
  if (host.empty() || host.front() == '-' || host.front() == '.' ||
      !std::all_of(host.begin(), host.end(), of_a_name))
    return core::host_configuration_needed("'" + host +
                                           "' is neither a host's name nor an address");
  return "DNS:" + host;
}

core::outcome<std::string> alternative_names(const std::vector<std::string>& hosts) {
  std::string all;
  for (const auto& host : hosts) {
    const auto name = alternative_name(host);
    if (!name) return name.error();
    all += (all.empty() ? "" : ",") + *name;
  }
  return all;
}

}  // namespace

void certificate_deleter::operator()(x509_st* certificate) const noexcept {
  X509_free(certificate);
}
void certificate_deleter::operator()(evp_pkey_st* key) const noexcept { EVP_PKEY_free(key); }

core::outcome<certified_key> new_authority(const std::string& name, std::uint64_t days) {
  auto made = blank(name, days);
  if (!made) return made;
  auto* const certificate = made->certificate.get();
  if (!extend(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !extend(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !extend(certificate, certificate, NID_subject_key_identifier, "hash") ||
      !sign(certificate, certificate, made->key.get()))
    return openssl_failed("sign a certificate");
  return made;
}

core::outcome<certified_key> new_member(const certified_key& authority, const std::string& name,
                                        std::uint64_t days, const std::vector<std::string>& hosts) {
  const auto names = alternative_names(hosts);
  if (!names) return names.error();
  auto made = blank(name, days);
  if (!made) return made;
  auto* const certificate = made->certificate.get();
  auto* const issuer = authority.certificate.get();
  if (ASN1_TIME_compare(X509_get0_notAfter(certificate), X509_get0_notAfter(issuer)) > 0)
    X509_set1_notAfter(certificate, X509_get0_notAfter(issuer));
  if (!extend(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") ||
      !extend(certificate, issuer, NID_key_usage, "critical,digitalSignature") ||
      !extend(certificate, issuer, NID_ext_key_usage, "clientAuth,serverAuth") ||
      !extend(certificate, issuer, NID_subject_key_identifier, "hash") ||
      !extend(certificate, issuer, NID_authority_key_identifier, "keyid") ||
      (!names->empty() && !extend(certificate, issuer, NID_subject_alt_name, *names)) ||
      !sign(certificate, issuer, authority.key.get()))
    return openssl_failed("sign a certificate");
  return made;
}

core::outcome<certified_key> read_certified_key(const std::string& certificate,
                                                const std::string& key) {
  certified_key read;
  const auto no_passphrase = [](char*, int, int, void*) { return 0; };
  read.certificate.reset(
      PEM_read_bio_X509(memory_with(certificate).get(), nullptr, nullptr, nullptr));
  read.key.reset(PEM_read_bio_PrivateKey(memory_with(key).get(), nullptr, no_passphrase, nullptr));
  const bool one = read.certificate && read.key &&
                   X509_check_private_key(read.certificate.get(), read.key.get()) == 1;
  ERR_clear_error();
  if (!one)
    return core::host_configuration_needed("they are not a certificate and its key, both as PEM");
  if (X509_check_ca(read.certificate.get()) == 0)
    return core::host_configuration_needed("the certificate is not that of an authority");
  if (X509_cmp_current_time(X509_get0_notAfter(read.certificate.get())) < 0)
    return core::host_configuration_needed("the authority's certificate has expired");
  return read;
}

std::string certificate_text(const certified_key& of) {
  const auto to = empty_memory();
  PEM_write_bio_X509(to.get(), of.certificate.get());
  return text_in(to.get());
}

std::string key_text(const certified_key& of) {
  const auto to = empty_memory();
  PEM_write_bio_PrivateKey(to.get(), of.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return text_in(to.get());
}

std::string valid_until(const certified_key& of) {
  const auto to = empty_memory();
  ASN1_TIME_print(to.get(), X509_get0_notAfter(of.certificate.get()));
  return text_in(to.get());
}

}  // namespace agentpool::tools
