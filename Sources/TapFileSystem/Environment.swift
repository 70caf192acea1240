// The environment of the process.

import Glibc

package enum Environment {
  /// The value of an environment variable, or nil when it is not set or not UTF-8.
  package static func value(_ name: String) -> String? {
    guard let text = unsafe getenv(name) else { return nil }
    return unsafe String(validatingCString: text)
  }

  /// The words that started this process, the program's name first, as the given bytes: they may be invalid UTF-8.
  package static var commandLine: [[UInt8]] {
    (0..<Int(CommandLine.argc)).compactMap { index in
      guard let word = unsafe CommandLine.unsafeArgv[index] else { return nil }
      let count = unsafe strlen(word)
      return unsafe Array(UnsafeRawBufferPointer(start: word, count: count))
    }
  }

  /// The machine's memory in bytes, or the limit of the control group mounted at /sys/fs/cgroup if that is lower; nil
  /// if neither is known. https://docs.kernel.org/admin-guide/cgroup-v2.html, memory.max, and version 1's
  /// limit_in_bytes.
  package static var physicalMemory: Int? {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let installed = pages > 0 ? pages * sysconf(Int32(_SC_PAGESIZE)) : nil
    let limits = ["memory.max", "memory/memory.limit_in_bytes"].map { name in
      // With an explicit limit: the default one is computed from this result.
      (try? FileSystem.read("/sys/fs/cgroup/\(name)", atMost: 4096)).flatMap { bytes in
        Int(String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self))
      }
    }
    return (limits + [installed]).compactMap(\.self).min()
  }

  /// The processor's name, `Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz`; empty if it is not known.
  package static var processor: String {
    let text = (try? FileSystem.read("/proc/cpuinfo")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    let name = line?.drop { $0 != ":" }.dropFirst().drop { $0 == " " }
    return name.map(String.init) ?? ""
  }

  /// This process's number.
  package static var processIdentifier: Int { Int(getpid()) }
}
