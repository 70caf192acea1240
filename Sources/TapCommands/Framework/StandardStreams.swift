// File descriptors 0 to 2 of this process, as it finds them.

import Glibc

/// Standard input, output and error.
enum StandardStreams {
  /// Makes them safe to use: a file that is opened later must not get the number of a closed stream, and writing to a
  /// reader that is gone must return an error.
  static func prepare() {
    _ = signal(SIGPIPE, SIG_IGN)
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
    where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
      // The lowest free number is this one. The replacement allows only the wrong direction, except for standard error.
      let flags = descriptor == STDOUT_FILENO ? O_RDONLY : O_WRONLY
      _ = unsafe open("/dev/null", flags)
    }
  }

  /// Writes all of `text`; returns the `errno` of a failure.
  static func write(_ text: String, to descriptor: Int32) -> Int32? {
    var text = text
    return text.withUTF8 { bytes in
      var done = 0
      while done < bytes.count {
        let written = unsafe Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
        if written >= 0 {
          done += written
        } else if errno == EAGAIN {
          var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          _ = unsafe poll(&waiting, 1, -1)
        } else if errno != EINTR {
          return errno
        }
      }
      return nil
    }
  }
}
