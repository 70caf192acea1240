// The places of the files in a tar file. Only headers and names are read, so an index of a large tar file takes little
// time and memory. Contents are read from their places, without unpacking.

/// The regular files in a tar file.
package struct TarIndex: Sendable {
  /// A file in a tar file.
  package struct Member: Equatable, Sendable {
    package let name: String
    /// The place of the first byte in the tar file.
    package let offset: Int
    /// The number of bytes.
    package let size: Int
  }

  /// The files, in the order of the tar file. Every name occurs once.
  package private(set) var members: [Member] = []
  /// Skipped entries, each with the reason: links, devices, sparse files, and names that are not UTF-8. If a name
  /// occurs several times, the last file counts, as for tar(1).
  package private(set) var passedOver: [String] = []

  private let path: String
  /// The name and the size that entries before a file state.
  private var longName: [UInt8]?
  private var longSize: Int?

  /// The maximum length of a name in bytes.
  private static let longestName = 1 << 16
  /// The maximum length of an entry of names and values in bytes.
  private static let longestRecord = 1 << 20

  /// Reads the headers of a tar file.
  ///
  /// - Throws: ``FileSystemError/damagedTar(path:offset:problem:)`` if a header is wrong, if the file is cut short, or
  ///   if it is compressed.
  package init(_ file: File) throws(FileSystemError) {
    path = file.path
    let end = try file.size()
    var offset = 0
    while true {
      let block = try file.read(at: offset, count: TarHeader.blockBytes)
      guard block.count == TarHeader.blockBytes else {
        throw damaged(offset, "expected an end mark of zero bytes, found the end of the file: is it cut short?")
      }
      let header: TarHeader?
      do { header = try TarHeader(block) } catch { throw damaged(offset, Self.text(of: error, block)) }
      guard let header else { break }
      let start = offset + TarHeader.blockBytes
      let isExtension = [UInt8]("LKxg".utf8).contains(header.kind)
      let size = isExtension ? header.size : longSize ?? header.size
      let blocks = size / TarHeader.blockBytes + (size % TarHeader.blockBytes > 0 ? 1 : 0)
      guard size <= end - start, blocks * TarHeader.blockBytes <= end - start else {
        throw damaged(offset, "expected \(size) bytes of an entry, found \(max(0, end - start)): is it cut short?")
      }
      if isExtension {
        try take(header.kind, file, start, size, offset)
      } else {
        add(header, start, size)
        (longName, longSize) = (nil, nil)
      }
      offset = start + blocks * TarHeader.blockBytes
    }
    keepLastOfEachName()
  }

  private func damaged(_ offset: Int, _ problem: String) -> FileSystemError {
    .damagedTar(path: path, offset: offset, problem: problem)
  }

  private static func text(of problem: TarHeader.Problem, _ block: [UInt8]) -> String {
    if block.starts(with: [0x1F, 0x8B]) {
      return "expected a tar file, found one that gzip compressed: unpack it with gunzip"
    }
    return switch problem {
    case .wrongCheckSum: "expected the header of an entry, found bytes with another check sum"
    case .wrongSize: "expected the size of an entry, found no number of at least 0"
    }
  }

  /// Reads an entry that describes the next one: a long name (GNU), or names with values (POSIX.1-2001).
  private mutating func take(
    _ kind: UInt8, _ file: File, _ start: Int, _ size: Int, _ offset: Int
  ) throws(FileSystemError) {
    let limit = kind == UInt8(ascii: "L") ? Self.longestName : Self.longestRecord
    guard size <= limit else { throw damaged(offset, "expected a name of at most \(limit) bytes, found \(size)") }
    switch kind {
    case UInt8(ascii: "L"): longName = Array(try file.read(at: start, count: size).prefix { $0 != 0 })
    case UInt8(ascii: "x"):
      for (key, value) in try records(file.read(at: start, count: size), offset) {
        switch key {
        case "path": longName = value
        case "size":
          guard let size = Int(String(decoding: value, as: UTF8.self)), size >= 0 else {
            throw damaged(offset, "expected the size of an entry, found no number of at least 0")
          }
          longSize = size
        default: break
        }
      }
    default: break
    }
  }

  /// The records `LENGTH KEY=VALUE` of an entry. The length counts the whole record with its line feed.
  private func records(
    _ bytes: [UInt8], _ offset: Int
  ) throws(FileSystemError) -> [(key: String, value: [UInt8])] {
    var records: [(key: String, value: [UInt8])] = []
    var start = 0
    while start < bytes.count {
      let digits = bytes[start...].prefix { (0x30...0x39).contains($0) }
      guard digits.count <= 7, let length = Int(String(decoding: digits, as: UTF8.self)),
        length > digits.count + 1, length <= bytes.count - start, bytes[start + length - 1] == 0x0A
      else { throw damaged(offset, "expected records with their lengths, found other bytes") }
      let body = bytes[(start + digits.count + 1)..<(start + length - 1)]
      if let sign = body.firstIndex(of: UInt8(ascii: "=")) {
        records.append((String(decoding: body[..<sign], as: UTF8.self), Array(body[(sign + 1)...])))
      }
      start += length
    }
    return records
  }

  private mutating func add(_ header: TarHeader, _ start: Int, _ size: Int) {
    let stated = longName ?? header.name
    let bytes = Self.relative(stated)
    let shown = String(decoding: bytes, as: UTF8.self)
    let reason: String
    switch header.kind {
    case 0 where stated.last == UInt8(ascii: "/"), UInt8(ascii: "5"): return
    case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
      guard let name = String(validating: bytes, as: UTF8.self), !bytes.isEmpty, !bytes.contains(0) else {
        passedOver.append("\(shown): the name is not UTF-8")
        return
      }
      guard !name.pathParts.containsBytes(of: "..") else {
        passedOver.append("\(shown): the name leads out of the tar file")
        return
      }
      members.append(Member(name: name, offset: start, size: size))
      return
    case UInt8(ascii: "1"), UInt8(ascii: "2"): reason = "a link in a tar file"
    case UInt8(ascii: "3"), UInt8(ascii: "4"): reason = "a device in a tar file"
    case UInt8(ascii: "6"): reason = "a pipe in a tar file"
    case UInt8(ascii: "S"): reason = "a sparse file in a tar file"
    default: reason = "an entry of an unknown kind in a tar file"
    }
    passedOver.append("\(shown): \(reason)")
  }

  /// A name without `./` and slashes at its start.
  private static func relative(_ name: [UInt8]) -> [UInt8] {
    var rest = name[...]
    while true {
      if rest.first == UInt8(ascii: "/") {
        rest.removeFirst()
      } else if rest.starts(with: Array("./".utf8)) {
        rest.removeFirst(2)
      } else {
        return Array(rest)
      }
    }
  }

  private mutating func keepLastOfEachName() {
    var last: [ByteKey: Int] = [:]
    for (index, member) in members.enumerated() { last[ByteKey(member.name)] = index }
    guard last.count < members.count else { return }
    for (index, member) in members.enumerated() where last[ByteKey(member.name)] != index {
      passedOver.append("\(member.name): the tar file has a later file of this name")
    }
    members = members.enumerated().filter { last[ByteKey($0.element.name)] == $0.offset }.map(\.element)
  }
}
