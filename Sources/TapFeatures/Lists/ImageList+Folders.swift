// Lists from folders. The folders' names give the splits and the classes:
//
//     photos/cat/1.jpg               class cat
//     photos/train/cat/1.jpg         split train, class cat
//     photos/photos/cat/1.jpg        class cat: outer folders are skipped, with a warning
//     photos/1.jpg                   no class

import TapFileSystem

extension ImageList {
  /// Lists the images of folders and files.
  ///
  /// If the only argument is a folder, paths are relative to this folder. Otherwise every path begins with the argument
  /// as it was written. A file below a folder is listed if its first bytes are those of a JPEG or PNG. A file whose
  /// name ends in `.jpg`, `.jpeg` or `.png` is also listed. Hidden files are not listed. A file that is itself an
  /// argument is always listed. A tar file stands for the images in it.
  ///
  /// - Parameters:
  ///   - filter: the filter for files in folders.
  ///   - folders: how to read the folders at the top of each argument.
  ///   - isLabeled: whether folders and tar files give classes and splits at all.
  ///   - labelField: the field of `name.json` in tar files that has the labels, if it is not one of the usual fields.
  /// - Throws: ``FeatureError/noImages(paths:skipped:)``; ``FeatureError/emptiedClasses(_:)``;
  ///   ``FeatureError/file(_:)`` if an argument does not exist;
  ///   ``FeatureError/splitsMixedWithClasses(folder:splits:others:)`` and similar errors if folders may be splits or
  ///   classes.
  public init(
    paths: [String], filter: PathFilter = PathFilter(), folders: FolderReading = .automatic,
    isLabeled: Bool = true, labelField: String? = nil
  ) throws(FeatureError) {
    var items: [ImageItem] = []
    var skipped = SkippedFiles()
    var notes: [String] = []
    var warnings: [String] = []
    var folder = ""
    var filter = FilterRun(filter)
    for path in paths {
      let status = try onFiles { () throws(FileSystemError) in try FileSystem.status(path) }
      guard let status else {
        throw .file(.missing(path))
      }
      if status.isRegularFile, FileSystem.fileExtension(of: path) == FileSystem.tarEnding {
        let tar = try TarImages(path, &filter, isLabeled: isLabeled, labelField: labelField)
        items += tar.items
        for (file, kind) in tar.others { skipped.add(file, kind) }
        notes += tar.notes
        continue
      }
      guard status.isDirectory else {
        items.append(ImageItem(path: path))
        continue
      }
      let walk = try onFiles { () throws(FileSystemError) in try DirectoryWalk(path) }
      let found = FoundFiles(walk, in: path, &filter)
      for (file, kind) in found.others { skipped.add(file, kind) }
      notes += walk.passedOver.map { FileSystem.join(path, $0) }
      let prefix = paths.count == 1 ? "" : path
      if paths.count == 1 { folder = path }
      guard isLabeled else {
        items += found.images.map { ImageItem(path: FileSystem.join(prefix, $0)) }
        continue
      }
      let layout = try FolderLayout(found.images.map(\.pathParts), in: path, reading: folders)
      try found.requireClasses(layout)
      warnings += layout.warnings + found.warnings(layout)
      items += found.images.map { file in
        let place = layout.place(file.pathParts)
        return ImageItem(path: FileSystem.join(prefix, file), label: place.label, split: place.split)
      }
    }
    guard !items.isEmpty else { throw .noImages(paths: paths, skipped: skipped.text) }
    self.init(
      items: items, folder: folder, skipped: skipped, notes: notes,
      warnings: [skipped.warning].compactMap(\.self) + filter.warnings + warnings
        + Self.lookalikes(items.compactMap(\.label).sortedByBytes),
      rows: items.map { Row(path: $0.path) })
  }
}

/// The files below a folder, sorted by the kinds of their contents.
private struct FoundFiles {
  private let root: String
  private let directories: [String]
  let images: [String]
  let others: [(path: String, kind: FileContentKind)]

  init(_ walk: DirectoryWalk, in root: String, _ filter: inout FilterRun) {
    self.root = root
    var images: [String] = []
    var others: [(path: String, kind: FileContentKind)] = []
    for file in walk.files where filter.takes(file) {
      switch FileContentKind(FileSystem.join(root, file)) {
      case .image: images.append(file)
      case let kind: others.append((file, kind))
      }
    }
    self.images = images
    self.others = others
    directories = walk.directories.filter { filter.takes($0) }
  }

  /// Checks that every class keeps an image.
  ///
  /// - Throws: ``FeatureError/emptiedClasses(_:)`` if all images of a class have formats that the program cannot read.
  func requireClasses(_ layout: FolderLayout) throws(FeatureError) {
    var full: Set<ByteKey> = []
    for image in images {
      let place = layout.place(image.pathParts)
      if place.label != nil { full.insert(ByteKey(place.folder)) }
    }
    guard !full.isEmpty else { return }
    var emptied: [ByteKey: SkippedFiles] = [:]
    for (path, kind) in others {
      let place = layout.place(path.pathParts)
      guard place.label != nil, !full.contains(ByteKey(place.folder)) else { continue }
      emptied[ByteKey(place.folder), default: SkippedFiles()].add(path, kind)
    }
    let names = emptied.filter { $0.value.mayBeImages }.sorted { $0.key < $1.key }
    guard names.isEmpty else {
      throw .emptiedClasses(
        names.map { FeatureError.EmptiedClass(folder: $0.key.text, files: $0.value.text) })
    }
  }

  func warnings(_ layout: FolderLayout) -> [String] { [emptyFolders(layout), masks].compactMap(\.self) }

  /// A warning about folders without files at the level of the classes.
  private func emptyFolders(_ layout: FolderLayout) -> String? {
    let classes = Set(images.map { ByteKey(layout.place($0.pathParts).folder) })
    guard classes.contains(where: { !$0.text.isEmpty }) else { return nil }
    let empty = directories.filter { folder in
      guard layout.place(folder.pathParts + [""]).folder.hasBytes(of: folder),
        !classes.contains(ByteKey(folder))
      else { return false }
      return !others.contains { $0.path.utf8.starts(with: "\(folder)/".utf8) }
    }
    guard !empty.isEmpty else { return nil }
    let shown =
      empty.prefix(5).joined(separator: ", ") + (empty.count > 5 ? " and \(empty.count - 5) more" : "")
    return "\(root): \(empty.count == 1 ? "1 folder holds" : "\(empty.count) folders hold") no files and "
      + "\(empty.count == 1 ? "is no class" : "are no classes"): \(shown)"
  }

  /// A warning about PNGs beside photographs of the same name. Such PNGs are more often masks than images.
  private var masks: String? {
    var photographs: Set<ByteKey> = []
    for image in images where FileSystem.fileExtension(of: image) != "png" {
      photographs.insert(ByteKey(FileSystem.withoutExtension(image)))
    }
    guard !photographs.isEmpty else { return nil }
    let masks = images.filter { image in
      guard FileSystem.fileExtension(of: image) == "png" else { return false }
      let stem = FileSystem.withoutExtension(image)
      if photographs.contains(ByteKey(stem)) { return true }
      return ["_mask", "-mask", "_seg", "_segmentation"].contains { ending in
        stem.utf8.count > ending.utf8.count && stem.utf8.suffix(ending.utf8.count).elementsEqual(ending.utf8)
          && photographs.contains(
            ByteKey(String(decoding: stem.utf8.dropLast(ending.utf8.count), as: UTF8.self)))
      }
    }
    guard let first = masks.first else { return nil }
    return
      "\(root): \(masks.count == 1 ? "1 PNG lies" : "\(masks.count) PNGs lie") beside \(masks.count == 1 ? "a photograph" : "photographs") "
      + "of the same name, as \(first): if they are masks, leave them out with --exclude '*.png'"
  }
}
