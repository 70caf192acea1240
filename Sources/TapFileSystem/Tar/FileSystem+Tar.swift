// Files in tar files, by paths such as `shard-000.tar/cat.jpg`. A path leads into a tar file if a part of it is the
// path of an ordinary file whose name ends in `.tar`.

import Synchronization

extension FileSystem {
  /// The ending of the names of tar files.
  package static let tarEnding = "tar"

  /// The tar file on a path, and the name in the tar file; nil if the path does not lead into a tar file.
  package static func tarParts(_ path: String) -> (tar: String, name: String)? {
    for (tar, name) in tarCandidates(path) where (try? status(tar))?.isRegularFile ?? false { return (tar, name) }
    return nil
  }

  /// The part of a path up to its first part whose name ends in `.tar`, if more parts follow; otherwise the whole path.
  /// Only the text of the path counts.
  package static func tarOrWhole(_ path: String) -> String { tarCandidates(path).first?.tar ?? path }

  private static func tarCandidates(_ path: String) -> [(tar: String, name: String)] {
    let bytes = Array(path.utf8)
    let mark = Array(".\(tarEnding)/".utf8)
    func isMark(_ start: Int) -> Bool {
      mark.indices.allSatisfy { place in
        let byte = bytes[start + place]
        return (0x41...0x5A).contains(byte) ? byte + 0x20 == mark[place] : byte == mark[place]
      }
    }
    guard bytes.count > mark.count else { return [] }
    var found: [(tar: String, name: String)] = []
    for start in 1..<(bytes.count - mark.count) where isMark(start) {
      let end = start + mark.count - 1
      let name = bytes[end...].drop { $0 == UInt8(ascii: "/") }
      found.append((String(decoding: bytes[..<end], as: UTF8.self), String(decoding: name, as: UTF8.self)))
    }
    return found
  }

  /// Whether a path leads to an ordinary file, on the disk or in a tar file.
  package static func isFile(_ path: String) throws(FileSystemError) -> Bool {
    if let status = try status(path) { return status.isRegularFile }
    guard let (tar, name) = tarParts(path) else { return false }
    return try OpenTars.lookup(tar).members[ByteKey(name)] != nil
  }

  /// All bytes of a file on the disk or in a tar file.
  ///
  /// - Throws: ``FileSystemError/damagedTar(path:offset:problem:)``, and as ``read(_:atMost:allowsPipe:)``.
  package static func readFile(_ path: String, atMost limit: Int) throws(FileSystemError) -> [UInt8] {
    do throws(FileSystemError) {
      return try read(path, atMost: limit)
    } catch {
      guard error.isMissing, let (tar, name) = tarParts(path) else { throw error }
      return try OpenTars.lookup(tar).read(name, path: path, atMost: limit)
    }
  }
}

/// The tar files that were used last, with their indexes. Lists are sorted by paths, so few tar files are in use at a
/// time.
private enum OpenTars {
  private static let capacity = 32

  private static let lookups = Mutex<[TarLookup]>([])

  /// The index of a tar file. The file is read again if it has changed.
  static func lookup(_ path: String) throws(FileSystemError) -> TarLookup {
    let status = try FileSystem.status(path)
    let known = lookups.withLock { lookups -> TarLookup? in
      guard let index = lookups.firstIndex(where: { $0.path.hasBytes(of: path) && $0.status == status }) else {
        return nil
      }
      let found = lookups.remove(at: index)
      lookups.append(found)
      return found
    }
    if let known { return known }
    let lookup = try TarLookup(path)
    lookups.withLock { lookups in
      lookups.removeAll { $0.path.hasBytes(of: path) }
      if lookups.count >= capacity { lookups.removeFirst() }
      lookups.append(lookup)
    }
    return lookup
  }
}

/// An open tar file with the places of its files.
private final class TarLookup: Sendable {
  let path: String
  let status: FileSystem.Status
  let members: [ByteKey: TarIndex.Member]
  private let file: File

  init(_ path: String) throws(FileSystemError) {
    self.path = path
    file = try File(reading: path)
    status = try file.status()
    let index = try TarIndex(file)
    members = Dictionary(index.members.map { (ByteKey($0.name), $0) }, uniquingKeysWith: { _, last in last })
  }

  /// - Parameter path: the path of the file in the tar file, for errors.
  func read(_ name: String, path: String, atMost limit: Int) throws(FileSystemError) -> [UInt8] {
    guard let member = members[ByteKey(name)] else { throw .missing(path) }
    guard member.size <= limit else { throw .tooLarge(path: path, size: member.size, limit: limit) }
    let bytes = try file.read(at: member.offset, count: member.size)
    guard bytes.count == member.size else {
      throw .fileTooShort(path: path, expected: member.size, actual: bytes.count)
    }
    return bytes
  }
}
