// A wall clock that tests set, for one process: preloaded (LD_PRELOAD) it shifts what the program reads as the time of
// day by the nanoseconds that stand, as a 64-bit number, in the file that TODOKU_TEST_CLOCK names. A new number counts
// at once. Clocks that nobody can set are left alone, as at a true jump.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
const std::int64_t kNone = 0;

const volatile std::int64_t* find_shift() {
  const char* path = std::getenv("TODOKU_TEST_CLOCK");
  const int file = path != nullptr ? ::open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return &kNone;
  void* place = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
  ::close(file);
  return place == MAP_FAILED ? &kNone : static_cast<const std::int64_t*>(place);
}

std::int64_t shift() {
  static const volatile std::int64_t* const place = find_shift();
  return *place;
}

std::int64_t time_of_day() {
  std::timespec real{};
  ::syscall(SYS_clock_gettime, CLOCK_REALTIME, &real);
  return real.tv_sec * kSecond + real.tv_nsec + shift();
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, std::timespec* into) {
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) {
    return static_cast<int>(::syscall(SYS_clock_gettime, clock, into));
  }
  const std::int64_t now = time_of_day();
  into->tv_sec = now / kSecond;
  into->tv_nsec = now % kSecond;
  return 0;
}

int gettimeofday(timeval* into, void* /*zone*/) {
  const std::int64_t now = time_of_day();
  into->tv_sec = now / kSecond;
  into->tv_usec = now % kSecond / 1000;
  return 0;
}

std::time_t time(std::time_t* into) {
  const std::time_t now = time_of_day() / kSecond;
  if (into != nullptr) *into = now;
  return now;
}

}  // extern "C"
