// The exchange of two names, by which a folder with all its contents replaces another folder at one moment.

import CTapProcess
import Glibc

extension FileSystem {
  /// Exchanges two files or folders of one file system: each gets the name of the other. At every moment both names
  /// exist, also after a crash. Makes the exchange durable.
  package static func exchange(
    _ first: String, with second: String, faults: WriteFaults? = nil
  ) throws(FileSystemError) {
    try checkPath(first)
    try checkPath(second)
    try faults?.check("exchange", first)
    let code = unsafe lt_exchange_names(first, second)
    guard code == 0 else { throw .systemCall(call: "exchange", path: first, errno: code) }
    for path in [first, second] { try synchronizeDirectory(parent(of: path), faults: faults) }
  }

  /// Whether the file system of a folder can exchange names. For the check, it exchanges two new folders in this folder
  /// and removes them.
  package static func canExchange(in folder: String, faults: WriteFaults? = nil) throws(FileSystemError) -> Bool {
    let names = ["first", "second"].map { join(folder, ".exchanged-" + $0) }
    for name in names { try createDirectories(name, faults: faults) }
    var isPossible = true
    do throws(FileSystemError) {
      try exchange(names[0], with: names[1], faults: faults)
    } catch {
      guard [EINVAL, ENOSYS, EOPNOTSUPP, EXDEV].contains(error.code) else { throw error }
      isPossible = false
    }
    for name in names { try? removeTree(name, faults: faults) }
    return isPossible
  }
}
