// Folders that calls read: images with a list, and a store of their features. Each input changes a file of a copy.

import CTapForeign
import Glibc
import Synchronization
import TapFileSystem
import TapForeign

/// A folder for this process, with images, a store and a classifier, all made once.
struct CallFolders {
  static let shared: CallFolders = {
    do { return try CallFolders() } catch { fatalError("the folders of the calls: \(error)") }
  }()

  /// Small images.
  static let images = [
    "jpeg-8x8.jpg", "png-3x2.png", "jpeg-17x15.jpg", "png-palette-4.png", "jpeg-cmyk.jpg", "png-grey-alpha.png",
  ].map { "Tests/Reference/images/fixtures/" + $0 }

  /// A small network, which Scripts/fuzz makes.
  static let network = ".build-fuzz/inputs/calls/networks/network.onnx"

  /// Settings of this network.
  static let settings = "{\"size\": 32, \"mean\": [0.5, 0.5, 0.5], \"std\": [0.5, 0.5, 0.5]}"

  /// A folder that inputs may change.
  let changed: String
  /// An extractor of three columns of a small network, which is never released.
  let extractor: UInt64
  /// Images in folders of two classes.
  private let list: String
  /// A store of these images, with its files.
  let store: String
  private let files: [(path: String, bytes: [UInt8])]
  /// The bytes of the images, by path.
  let bytes: [String: [UInt8]]

  private init() throws {
    // Memory, if the system has such a folder: inputs write many small files.
    let base = FileSystem.isDirectory("/dev/shm") ? "/dev/shm" : Environment.value("TMPDIR") ?? "/tmp"
    let root = "\(base)/layertap-calls-\(getpid())"
    Self.removeAtEnd(root)
    let list = root + "/images"
    for (index, path) in Self.images.enumerated() {
      let folder = "\(list)/\(index % 3 == 2 ? "test" : "train")/\(index % 2 == 0 ? "a" : "b")"
      try FileSystem.createDirectories(folder)
      try File(creating: "\(folder)/\(FileSystem.name(of: path))").write(FileSystem.read(path), at: 0)
    }
    let store = root + "/store"
    let columns = "{\"layers\": [\"a\", \"penultimate\"], \"pool\": [\"avg\", \"max\"]}"
    let memory = CallMemory()
    defer { memory.free() }
    let backbone = Self.required { result in
      unsafe layertap_backbone_open(
        memory.text(Array(Self.network.utf8)), Self.network.utf8.count, memory.text(Array(Self.settings.utf8)),
        Self.settings.utf8.count, result)
    }
    let extractor = Self.required { result in
      unsafe layertap_extractor_create(backbone, memory.text(Array(columns.utf8)), columns.utf8.count, result)
    }
    let data = Self.required { result in
      unsafe layertap_data_from_folder(
        extractor, memory.text(Array(list.utf8)), list.utf8.count, nil, 0, nil, 0, memory.text(Array(store.utf8)),
        store.utf8.count, nil, result)
    }
    layertap_release(data)
    layertap_release(backbone)
    changed = root + "/changed"
    self.extractor = extractor
    self.list = list
    self.store = store
    files = try DirectoryWalk(store).files.map { ($0, try FileSystem.read("\(store)/\($0)")) }
    bytes = try Dictionary(uniqueKeysWithValues: Self.images.map { ($0, try FileSystem.read($0)) })
  }

  @safe private static func required(_ call: (UnsafeMutablePointer<UInt64>?) -> Int32) -> UInt64 {
    var handle: UInt64 = 0
    guard unsafe call(&handle) == LAYERTAP_OK else { fatalError(unsafe String(cString: layertap_error())) }
    return handle
  }

  private static let root = Mutex("")

  private static func removeAtEnd(_ path: String) {
    root.withLock { $0 = path }
    atexit { try? FileSystem.removeTree(CallFolders.root.withLock { $0 }) }
  }

  // MARK: - Inputs

  /// Opens a store, of which one file has other bytes, and reads everything.
  func readStore(_ bytes: [UInt8]) {
    var choices = Bytes(bytes)
    let isExtended = choices.next() >= 240
    let index = choices.index(files.count)
    let content = changed(files[index].bytes, &choices)
    do {
      try FileSystem.removeTree(changed)
      for (place, file) in files.enumerated() {
        guard let bytes = place == index ? content : file.bytes else { continue }
        try FileSystem.createDirectories(FileSystem.parent(of: "\(changed)/\(file.path)"))
        try File(creating: "\(changed)/\(file.path)").write(bytes, at: 0)
      }
    } catch { fatalError("\(error)") }
    let memory = CallMemory()
    defer { memory.free() }
    let path = unsafe memory.text(Array(changed.utf8))
    if let store = CallChecks.handle({ unsafe layertap_store_open(path, changed.utf8.count, $0) }) {
      read(store)
    }
    guard isExtended else { return }
    // The store may be one of another network, or be damaged.
    let images = unsafe memory.copy(
      Self.images.prefix(2).map { image in
        unsafe layertap_image(
          kind: LAYERTAP_IMAGE_PATH, data: memory.text(Array(image.utf8)), size: image.utf8.count, width: 0, height: 0,
          row_stride: 0)
      })
    let rows = unsafe memory.zeros(Int64.self, 2)
    let extended = CallChecks.handle { store in
      unsafe layertap_extract_to_store(
        extractor, images, 2, path, changed.utf8.count, nil, rows, nil, nil, store)
    }
    if let extended { read(extended) }
  }

  /// The file's bytes with changes, other bytes in their place, or nil for no file.
  private func changed(_ file: [UInt8], _ choices: inout Bytes) -> [UInt8]? {
    let kind = choices.next() % 4
    if kind == 0 { return choices.rarely() ? nil : choices.text(atMost: 4096) }
    var file = file
    if kind == 1 {
      file.removeLast(min(file.count, Int(choices.number() % UInt64(file.count + 1))))
    }
    while !choices.isAtEnd, !file.isEmpty {
      file[Int(UInt16(choices.next()) << 8 | UInt16(choices.next())) % file.count] = choices.next()
    }
    return file
  }

  /// Reads what a store describes, and releases it.
  private func read(_ store: UInt64) {
    CallChecks.describe { unsafe layertap_store_describe(store, $0) }
    for index in 0..<64 {
      var matrix = unsafe layertap_matrix()
      guard CallChecks.checked(unsafe layertap_store_column(store, index, &matrix)) == LAYERTAP_OK else { break }
      var sum: Float = 0
      for row in unsafe 0..<matrix.rows {
        guard let start = unsafe matrix.data?.advanced(by: row * Int(matrix.row_stride)) else { break }
        for column in unsafe 0..<matrix.columns { sum += unsafe start.load(fromByteOffset: 4 * column, as: Float.self) }
      }
      // The optimizer must not leave out the reads.
      if sum == 0x1.fffffep99 { fatalError("the sum \(sum)") }
    }
    _ = CallChecks.texts(CallChecks.handle { unsafe layertap_store_items(store, $0) })
    if let data = CallChecks.handle({ unsafe layertap_data_from_store(store, nil, 0, $0) }) {
      CallChecks.describe { unsafe layertap_data_describe(data, $0) }
      CallChecks.checkRelease(layertap_release(data))
    }
    CallChecks.checkRelease(layertap_release(store))
  }

  /// Labels images in a folder by the bytes of a list. The bytes before the first zero are settings.
  func readList(_ bytes: [UInt8]) {
    var choices = Bytes(bytes)
    let settings = choices.text(atMost: 512)
    let isLabels = choices.often()
    let path = changed + ".csv"
    var content: [UInt8] = []
    while !choices.isAtEnd { content.append(choices.next()) }
    do { try File(creating: path).write(content, at: 0) } catch { fatalError("\(error)") }
    let memory = CallMemory()
    defer { memory.free() }
    let folder = isLabels ? list : path
    let data = CallChecks.handle { data in
      unsafe layertap_data_from_folder(
        extractor, memory.text(Array(folder.utf8)), folder.utf8.count, memory.text(Array(path.utf8)),
        isLabels ? path.utf8.count : 0, memory.text(settings), settings.count, nil, 0, nil, data)
    }
    guard let data else { return }
    CallChecks.describe { unsafe layertap_data_describe(data, $0) }
    let training = "{\"c\": 1}"
    let trained = CallChecks.handle { classifier in
      unsafe layertap_train(data, memory.text(Array(training.utf8)), training.utf8.count, nil, classifier, nil)
    }
    if let trained { CallChecks.checkRelease(layertap_release(trained)) }
    CallChecks.checkRelease(layertap_release(data))
  }
}
