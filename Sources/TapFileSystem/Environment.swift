import Glibc

// What the process was given by its surroundings.

package enum Environment {
  /// The value of an environment variable, or nil when it is not set or not UTF-8.
  package static func value(_ name: String) -> String? {
    guard let text = unsafe getenv(name) else { return nil }
    return unsafe String(validatingCString: text)
  }

  /// This process's number.
  package static var processIdentifier: Int { Int(getpid()) }
}
