// Whether a mail answers another, and whether a person or a machine does so. Pure.
#pragma once
#include "bounce/notice.h"

namespace todoku::bounce {

/// Auto-Submitted says so (RFC 3834).
[[nodiscard]] bool automatic(const Notice& notice);

/// Written by a person to others: an answer, or a list's post.
[[nodiscard]] bool conversation(const Notice& notice);

/// "vacation" and programs like it mark what they send as nothing worth an answer.
[[nodiscard]] bool marked_as_junk(const Notice& notice);

/// An answer that is in answer to nothing, or to many: what answers by itself often knows of no threads.
[[nodiscard]] bool answers_as_nobody_does(const Notice& notice);

/// A reader's machine answers: out of office and the like, a desk's receipt.
[[nodiscard]] bool auto_reply(const Notice& notice);

}  // namespace todoku::bounce
