// The arguments of the calls of a sequence.

import CTapForeign
import TapForeign

extension CallSequence {
  /// A handle, mostly one of the kind.
  mutating func handle(_ kind: Kind?) -> UInt64 {
    let choice = choices.next()
    if choice < 192, let kind {
      if let handle = handles.last(where: { $0 >> 56 == kind.rawValue }) { return handle }
      if kind == .extractor { return folders.extractor }
      if kind == .classifier { return Reader.classifier }
    }
    if choice < 240, !handles.isEmpty { return handles[choices.index(handles.count)] }
    let number = choices.number()
    // These two stay for later inputs.
    return [folders.extractor, Reader.classifier].contains(number) ? 1 : number
  }

  /// One of the texts, or a text of the input, or no text with a size.
  mutating func text(_ texts: [String]) -> layertap_text {
    if choices.rarely() {
      let size = choices.one(of: [0, 3, -1, .min])
      return unsafe layertap_text(data: size > 0 ? nil : memory.text([0x7b]), size: size)
    }
    let bytes = choices.rarely() ? choices.text() : Array(choices.one(of: texts).utf8)
    return unsafe layertap_text(data: memory.text(bytes), size: bytes.count)
  }

  /// How a call works; mostly by default.
  mutating func work() -> UnsafePointer<layertap_work>? {
    guard choices.rarely() else { return nil }
    let threads = choices.one(of: [1, 2, 3] + Self.sizes)
    let progress: [layertap_progress?] = unsafe [nil, nil, { _, _, _, _ in 0 }, { _, _, _, _ in 1 }]
    let chosen = choices.index(4)
    return unsafe UnsafePointer(
      memory.copy([layertap_work(threads: threads, progress: progress[chosen], context: nil)]))
  }

  // MARK: - Matrices and targets

  /// Rows of three columns, in one of the types and orders.
  mutating func matrix() -> UnsafeMutablePointer<layertap_matrix>? {
    if choices.rarely() { return nil }
    let rows = choices.index(13)
    let columns = choices.rarely() ? choices.index(6) : 3
    let type = choices.one(of: [LAYERTAP_FLOAT32, LAYERTAP_FLOAT64, LAYERTAP_FLOAT16])
    let size = [LAYERTAP_FLOAT32: 4, LAYERTAP_FLOAT64: 8][type] ?? 2
    let isReversed = choices.rarely()
    let data = unsafe UnsafeMutableRawPointer(memory.zeros(UInt8.self, rows * columns * size))
    for index in 0..<rows * columns {
      var value = Double(Int8(bitPattern: choices.next())) / 16
      if value == 0, choices.rarely() { value = choices.one(of: [.nan, .infinity, 1e300, 1e-300, 0]) }
      switch type {
      case LAYERTAP_FLOAT32: unsafe data.storeBytes(of: Float(value), toByteOffset: 4 * index, as: Float.self)
      case LAYERTAP_FLOAT64: unsafe data.storeBytes(of: value, toByteOffset: 8 * index, as: Double.self)
      default: unsafe data.storeBytes(of: UInt16(choices.next()) << 8, toByteOffset: 2 * index, as: UInt16.self)
      }
    }
    let stride = columns * size
    let start = unsafe isReversed && rows > 0 ? data + (rows - 1) * stride : data
    let matrix = unsafe memory.copy([
      layertap_matrix(
        data: start, rows: rows, columns: columns, row_stride: Int64(isReversed ? -stride : stride),
        column_stride: Int64(size), type: type)
    ])
    guard choices.rarely() else { return unsafe matrix }
    // Strides of -1 would lead to memory before the start.
    let extreme = choices.one(of: Self.sizes)
    let far = Int64(extreme == -1 ? .max : extreme)
    switch choices.next() % 6 {
    case 0: unsafe matrix.pointee.rows = extreme
    case 1: unsafe matrix.pointee.columns = choices.often() ? 0 : extreme
    case 2: unsafe matrix.pointee.row_stride = rows == 1 ? 0 : far
    case 3: unsafe matrix.pointee.column_stride = columns == 1 ? 0 : far
    case 4: unsafe matrix.pointee.type = choices.one(of: [0, 4, -1, .max])
    default: unsafe matrix.pointee.data = nil
    }
    return unsafe matrix
  }

  /// Classes, weights, groups, folds and splits of rows.
  mutating func targets(_ given: Int) -> UnsafePointer<layertap_targets>? {
    if choices.rarely() { return nil }
    let rows = (0...12).contains(given) ? given : 0
    let count = 2 + choices.index(3)
    var classes = (0..<rows).map { Int64($0 % count) }
    if rows > 0, choices.rarely() { classes[choices.index(rows)] = Int64(bitPattern: choices.number()) }
    let targets = unsafe memory.copy([
      layertap_targets(
        classes: memory.copy(classes), rows: given, class_count: count, names: nil, weights: nil, groups: nil,
        folds: nil, splits: nil)
    ])
    if choices.rarely() {
      var names: [layertap_text] = unsafe []
      for index in 0..<count { unsafe names.append(text(["class \(index)", "b"])) }
      unsafe targets.pointee.names = unsafe UnsafePointer(memory.copy(names))
    }
    if choices.rarely() {
      let values = (0..<rows).map { _ in choices.one(of: [1, 0, 0.5, 1e300, -1, .nan, .infinity, 1e-300]) }
      unsafe targets.pointee.weights = unsafe UnsafePointer(memory.copy(values))
    }
    if choices.rarely() {
      let values = (0..<rows).map { _ in choices.one(of: [0, 1, -1, 2, .max, .min]) as Int64 }
      unsafe targets.pointee.groups = unsafe UnsafePointer(memory.copy(values))
    }
    if choices.rarely() {
      let values = (0..<rows).map { _ in choices.one(of: [0, 1, 0, 1, 2, -1, .max, .min]) as Int64 }
      unsafe targets.pointee.folds = unsafe UnsafePointer(memory.copy(values))
    }
    if choices.rarely() {
      let values = (0..<rows).map { _ in choices.one(of: [0, 0, 0, 1, 2, 0, 3, -1]) as Int32 }
      unsafe targets.pointee.splits = unsafe UnsafePointer(memory.copy(values))
    }
    guard choices.rarely() else { return unsafe UnsafePointer(targets) }
    switch choices.next() % 3 {
    case 0: unsafe targets.pointee.rows = choices.one(of: Self.sizes)
    case 1: unsafe targets.pointee.class_count = choices.one(of: Self.sizes + [0, 1])
    default: unsafe targets.pointee.classes = nil
    }
    return unsafe UnsafePointer(targets)
  }

  // MARK: - Images and outputs

  /// At most three images of any kind, and their number.
  mutating func images() -> (UnsafePointer<layertap_image>?, Int) {
    let count = choices.index(4)
    var images: [layertap_image] = unsafe []
    for _ in 0..<count { unsafe images.append(image()) }
    if choices.rarely() { return (nil, count) }
    let stated = choices.rarely() ? choices.one(of: Self.sizes) : count
    return unsafe (UnsafePointer(memory.copy(images)), stated)
  }

  private mutating func image() -> layertap_image {
    let path = choices.one(of: CallFolders.images)
    var image = unsafe layertap_image()
    switch choices.next() % 3 {
    case 0:
      let bytes = choices.rarely() ? choices.text() : Array(path.utf8)
      unsafe image = unsafe layertap_image(
        kind: LAYERTAP_IMAGE_PATH, data: memory.text(bytes), size: bytes.count, width: 0, height: 0, row_stride: 0)
    case 1:
      var bytes = folders.bytes[path] ?? []
      for _ in 0..<choices.index(5) { bytes[Int(choices.number() % UInt64(bytes.count))] = choices.next() }
      unsafe image = unsafe layertap_image(
        kind: LAYERTAP_IMAGE_ENCODED, data: memory.copy(bytes), size: bytes.count, width: 0, height: 0, row_stride: 0)
    default:
      let (width, height) = (1 + choices.index(9), 1 + choices.index(9))
      let pixels = unsafe memory.zeros(UInt8.self, 3 * width * height)
      for index in 0..<3 * width * height { unsafe pixels[index] = choices.next() }
      let isReversed = choices.rarely()
      unsafe image = unsafe layertap_image(
        kind: LAYERTAP_IMAGE_RGB, data: isReversed ? pixels + 3 * width * (height - 1) : pixels, size: 0, width: width,
        height: height, row_stride: isReversed ? Int64(-3 * width) : 0)
    }
    guard choices.rarely() else { return unsafe image }
    let extreme = choices.one(of: Self.sizes)
    switch choices.next() % 6 {
    case 0: unsafe image.kind = choices.one(of: [0, 4, -1, .max])
    case 1: unsafe image.data = nil
    // A path or a file of 2^47 bytes would be read.
    case 2: unsafe image.size = image.kind == LAYERTAP_IMAGE_RGB ? extreme : choices.one(of: [-1, .min])
    case 3: unsafe image.width = choices.often() ? 0 : extreme
    case 4: unsafe image.height = choices.often() ? 0 : extreme
    default: unsafe image.row_stride = Int64(choices.one(of: [1, -1, .max, .min]))
    }
    return unsafe image
  }

  /// Memory for predictions, each part with 1 of 2.
  mutating func predictions(
    _ rows: Int, _ classes: Int
  ) -> (
    classes: UnsafeMutablePointer<Int64>?, probabilities: UnsafeMutablePointer<Double>?,
    scores: UnsafeMutablePointer<Double>?
  ) {
    unsafe (
      choices.often() ? memory.zeros(Int64.self, rows) : nil,
      choices.often() ? memory.zeros(Double.self, rows * classes) : nil,
      choices.often() ? memory.zeros(Double.self, rows * classes) : nil
    )
  }
}
