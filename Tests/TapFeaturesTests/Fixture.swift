// Folders of small images, and the bytes of all files of a store.

import TapFeatures
import TapFileSystem
import TapImages
import TestSupport
import Testing

enum Fixture {
  /// Writes `count` images into two class folders below `folder`, and returns their list.
  static func images(_ count: Int, in folder: String) throws -> ImageList {
    try writeGeneratedClasses(0..<count, to: folder)
    return try ImageList(paths: [folder])
  }

  /// Images with copies of the same bytes in other folders, with files that cannot be decoded, and with groups and
  /// weights.
  static func mixedImages(_ count: Int, in folder: String) throws -> ImageList {
    var items = try images(count, in: folder).items
    for (index, item) in items.enumerated() where index % 3 == 0 {
      let copy = "\(folder)/copies/\(index), \"again\".png"
      try write(FileSystem.read(FileSystem.join(folder, item.path)), copy)
      items.append(ImageItem(path: "copies/\(index), \"again\".png", label: "copy"))
    }
    for (index, bytes) in [[UInt8](repeating: 7, count: 40), [0x89, 0x50, 0x4E, 0x47]].enumerated() {
      try write(bytes, "\(folder)/broken/\(index).png")
      items.append(ImageItem(path: "broken/\(index).png", label: "broken"))
    }
    items.append(ImageItem(path: "broken/missing.png", label: "broken"))
    for index in items.indices where index % 4 == 0 {
      items[index].group = "group \(index / 8)"
      items[index].weight = Double(index) / 8
    }
    return ImageList(items: items, folder: folder)
  }

  static func write(_ bytes: [UInt8], _ path: String) throws {
    try FileSystem.createDirectories(FileSystem.parent(of: path))
    try AtomicWriter.replace(path, with: bytes)
  }

  /// The files that must be the same after any sequence of runs. They are all files except the records of runs and the
  /// lock.
  static func bytes(of store: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try DirectoryWalk(store).files where !name.hasPrefix("runs/") && name != "lock" {
      files[name] = try FileSystem.read(store + "/" + name)
    }
    return files
  }

  /// Checks with a separate reader that every row of every item has the features of its image.
  static func check(_ extraction: Extraction, of list: ImageList, dimensions: [Int]) throws {
    let reader = try PlainReader(extraction.store.path)
    #expect(reader.keys.count == extraction.store.rowCount)
    for dimensions in dimensions {
      let matrix = try reader.matrix("c\(dimensions)")
      #expect(try reader.isIntact("c\(dimensions)"))
      for stored in extraction.items {
        guard let row = stored.row else { continue }
        let image = try ImageDecoder.decode(FileSystem.read(list.location(of: stored.item)))
        #expect(matrix[row] == StandInRows.values(of: image, dimensions: dimensions))
        #expect(reader.keys[row] == stored.key)
      }
    }
  }
}
