// Parts of `todoku dkim`.
#pragma once
#include <string>
#include <vector>

#include "authentication/dkim_keys.h"

namespace CLI {
class App;
}

namespace todoku::app {

class Context;

void add_dkim_check(CLI::App& dkim, Context& context);
void add_dkim_generate(CLI::App& dkim, Context& context);
void add_dkim_list(CLI::App& dkim, Context& context);
void add_dkim_rotate(CLI::App& dkim, Context& context);

/// A domain as typed, as in DNS. Prints what is wrong and throws Stop.
[[nodiscard]] std::string domain_or_stop(Context& context, const std::string& typed);

/// The domain's keys but for retired ones. Prints that there are none and throws Stop.
[[nodiscard]] std::vector<authentication::DkimKeyEntry> keys_or_stop(Context& context, const std::string& domain);

/// Name and value of the record to put into DNS, for a form and for a zone file.
void print_record(Context& context, const authentication::DkimKeyEntry& key);

}  // namespace todoku::app
