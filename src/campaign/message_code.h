// What a message is compiled to.
#pragma once
#include <string>
#include <vector>

#include "campaign/liquid.h"
#include "campaign/message.h"
#include "campaign/message_body.h"

namespace todoku::campaign {

struct MessageCode {
  MessageOptions options;
  std::string sender_name;
  std::string sender_address;
  std::string reply_to;
  std::string fixed_fields;   // header fields that are the same for all, encoded
  std::string fixed_subject;  // the whole field, where all get the same
  liquid::Program subject;
  std::vector<std::string> layout;  // around the bodies: one more than bodies
  std::vector<MessageBody> bodies;
};

}  // namespace todoku::campaign
