// File descriptors 0 to 2 of this process, in the state in which the process received them.

import Glibc

/// Standard input, output and error.
enum StandardStreams {
  /// Makes the streams safe to use. A file that is opened later must not get the number of a closed stream. Writing to
  /// a reader that has ended must return an error.
  static func prepare() {
    _ = signal(SIGPIPE, SIG_IGN)
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
    where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
      // `open` returns the lowest free number, which is this descriptor. A read from the replaced standard input and a
      // write to the replaced standard output return errors.
      let flags = descriptor == STDOUT_FILENO ? O_RDONLY : O_WRONLY
      _ = unsafe open("/dev/null", flags)
    }
  }

  /// Writes all of `text`. Returns the `errno` of a failure, or nil.
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
