// The environment of the process.

import Glibc

package enum Environment {
  /// The value of an environment variable; nil if the variable is not set or its value is not UTF-8.
  package static func value(_ name: String) -> String? {
    guard let text = unsafe getenv(name) else { return nil }
    return unsafe String(validatingCString: text)
  }

  /// The command line of this process, starting with the program's name. The words are the given bytes, which may be
  /// invalid UTF-8.
  package static var commandLine: [[UInt8]] {
    (0..<Int(CommandLine.argc)).compactMap { index in
      guard let word = unsafe CommandLine.unsafeArgv[index] else { return nil }
      let count = unsafe strlen(word)
      return unsafe Array(UnsafeRawBufferPointer(start: word, count: count))
    }
  }

  /// The machine's memory in bytes, or the limit of the control group mounted at /sys/fs/cgroup if that limit is lower.
  /// The value is nil if neither is known. Source: https://docs.kernel.org/admin-guide/cgroup-v2.html, for memory.max
  /// and for limit_in_bytes of version 1.
  package static var physicalMemory: Int? {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let installed = pages > 0 ? pages * sysconf(Int32(_SC_PAGESIZE)) : nil
    let limits = ["memory.max", "memory/memory.limit_in_bytes"].map { name in
      // The limit of the read is stated, because the default limit is computed from this result.
      (try? FileSystem.read("/sys/fs/cgroup/\(name)", atMost: 4096)).flatMap { bytes in
        Int(String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self))
      }
    }
    return (limits + [installed]).compactMap(\.self).min()
  }

  /// The processor's name, such as `Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz`. The text is empty if the name is
  /// not known.
  package static var processor: String {
    let text = (try? FileSystem.read("/proc/cpuinfo")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    let name = line?.drop { $0 != ":" }.dropFirst().drop { $0 == " " }
    return name.map(String.init) ?? ""
  }

  /// The process ID of this process.
  package static var processIdentifier: Int { Int(getpid()) }
}
