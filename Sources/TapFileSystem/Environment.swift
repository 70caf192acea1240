// The environment of the process.

import CTapProcess
import Glibc

package enum Environment {
  /// The value of an environment variable; nil if the variable is not set or its value is not UTF-8.
  package static func value(_ name: String) -> String? {
    guard let text = unsafe getenv(name) else { return nil }
    return unsafe String(validatingCString: text)
  }

  /// The command line of this process, starting with the program's name. The words are the given bytes, which may be
  /// invalid UTF-8.
  ///
  /// Swift's `CommandLine` has no words in a static program that was started without `/proc`.
  package static var commandLine: [[UInt8]] {
    let count = lt_command_line_count()
    guard count > 0 else { return CommandLine.arguments.map { Array($0.utf8) } }
    return (0..<count).compactMap { index in
      guard let word = unsafe lt_command_line_word(index) else { return nil }
      return unsafe Array(UnsafeRawBufferPointer(start: word, count: strlen(word)))
    }
  }

  /// The command line of this process as text. Invalid UTF-8 is replaced by U+FFFD.
  package static var arguments: [String] { commandLine.map { String(decoding: $0, as: UTF8.self) } }

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

  /// The processor's name, such as `Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz`. The name is that of `/proc/cpuinfo`
  /// or, without this file, the name that the processor gives. The text is empty if neither is known.
  package static var processor: String {
    processor(information: (try? FileSystem.read("/proc/cpuinfo")) ?? [])
  }

  /// - Parameter information: the contents of `/proc/cpuinfo`, empty if the file cannot be read.
  package static func processor(information: [UInt8]) -> String {
    let lines = String(decoding: information, as: UTF8.self).split(separator: "\n")
    if let line = lines.first(where: { $0.hasPrefix("model name") }), let colon = line.firstIndex(of: ":") {
      return String(line[colon...].dropFirst().drop { $0 == " " })
    }
    return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 49) { name in
      unsafe lt_processor_name(name.baseAddress)
      return unsafe String(cString: name.baseAddress!)
    }
  }

  /// The process ID of this process.
  package static var processIdentifier: Int { Int(getpid()) }
}
