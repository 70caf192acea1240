import Glibc

// What the process was given by its surroundings.

package enum Environment {
  /// The value of an environment variable, or nil when it is not set or not UTF-8.
  package static func value(_ name: String) -> String? {
    guard let text = unsafe getenv(name) else { return nil }
    return unsafe String(validatingCString: text)
  }

  /// The words that started this process, the program's name first, in the bytes that were given: they need
  /// not be UTF-8.
  package static var commandLine: [[UInt8]] {
    (0..<Int(CommandLine.argc)).compactMap { index in
      guard let word = unsafe CommandLine.unsafeArgv[index] else { return nil }
      let count = unsafe strlen(word)
      return unsafe Array(UnsafeRawBufferPointer(start: word, count: count))
    }
  }

  /// This process's number.
  package static var processIdentifier: Int { Int(getpid()) }
}
