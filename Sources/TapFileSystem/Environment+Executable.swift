// The place of the running program.

import CTapProcess
import Glibc

extension Environment {
  /// A path by which this process can read its own program; nil if it is not known. Without `/proc` it is the path that
  /// the process was started with.
  package static var programFile: String? {
    if unsafe access("/proc/self/exe", R_OK) == 0 { return "/proc/self/exe" }
    guard let path = unsafe lt_program_path() else { return nil }
    return unsafe String(validatingCString: path)
  }

  /// The path of the program that this process runs, without symbolic links; nil if it is not known.
  package static var executable: String? {
    guard let path = unsafe realpath("/proc/self/exe", nil) else { return nil }
    defer { unsafe free(path) }
    return unsafe String(validatingCString: path)
  }
}
