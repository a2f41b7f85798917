// A picture of spoofing for people, in both languages, and for programs.
#pragma once
#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "bounce/explanation.h"
#include "intake/spoofing/network_owners.h"
#include "intake/spoofing/picture.h"

namespace todoku::app {

class PicturePrinter {
 public:
  /// `owners`: null where there is no database of networks; lives longer.
  PicturePrinter(const intake::spoofing::NetworkOwners* owners, bounce::Language language)
      : owners_(owners), language_(language) {}
  void print(const intake::spoofing::Picture& picture) const;
  [[nodiscard]] boost::json::object object(const intake::spoofing::Picture& picture) const;

 private:
  void print_volumes(const intake::spoofing::Picture& picture) const;
  void print_sources(const intake::spoofing::Picture& picture) const;
  void print_advice(const intake::spoofing::Picture& picture) const;
  void print_alert(const intake::spoofing::Alert& alert) const;
  [[nodiscard]] std::string owner(const std::string& address) const {
    return owners_ == nullptr || address.empty() ? "" : owners_->of(address);
  }

  const intake::spoofing::NetworkOwners* owners_;
  bounce::Language language_;
};

}  // namespace todoku::app
