// Before a campaign is sent: is it going to be signed, and can receivers find the key?
#pragma once
#include "campaign/campaign.h"

namespace todoku::app {

class Context;

/// Takes new keys whose record has appeared in DNS into use, and prints a warning on standard error where mails will go
/// unsigned or receivers will not find the key. Waits a few seconds for the DNS at most.
void check_signing(Context& context, const campaign::Campaign& campaign);

}  // namespace todoku::app
