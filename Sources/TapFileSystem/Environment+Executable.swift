// The place of the running program.

import Glibc

extension Environment {
  /// The path of the program that this process runs, without symbolic links; nil if it is not known.
  package static var executable: String? {
    guard let path = unsafe realpath("/proc/self/exe", nil) else { return nil }
    defer { unsafe free(path) }
    return unsafe String(validatingCString: path)
  }
}
