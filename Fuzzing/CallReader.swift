// The C face: the first byte of each input chooses a call, and the rest becomes its texts, images, files and numbers.
// All statuses are allowed.

import CTapForeign
import Glibc
import TapForeign

/// The reader that this process tests.
enum Reader {
  case calls

  static let chosen = Reader.calls

  /// A classifier whose backbone is embedded, opened once.
  private static let classifier: UInt64 = {
    let path = "Tests/Reference/models/embedded.layertap"
    var classifier: UInt64 = 0
    let status = unsafe path.withCString { unsafe layertap_classifier_open($0, path.utf8.count, &classifier) }
    guard status == LAYERTAP_OK else { fatalError("\(path): status \(status)") }
    return classifier
  }()

  func read(_ input: UnsafeBufferPointer<UInt8>) {
    guard let first = unsafe input.first else { return }
    let bytes = unsafe Array(input.dropFirst())
    switch first % 6 {
    case 0: fit(bytes)
    case 1: predict(encoded: bytes)
    case 2: predict(pixels: bytes)
    case 3: open(bytes)
    case 4: open(backbone: bytes)
    default: handles(bytes)
    }
  }

  // MARK: - Calls

  /// Fits a model to the first bytes as rows of numbers, with the bytes after the first zero as settings.
  private func fit(_ bytes: [UInt8]) {
    let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    let settings = parts.count > 1 ? Array(parts[1]) : []
    var choices = Bytes(Array(parts[0]))
    let rows = Int(choices.next() % 24)
    let columns = Int(choices.next() % 4)
    let type = [LAYERTAP_FLOAT32, LAYERTAP_FLOAT64, LAYERTAP_FLOAT16, 0][Int(choices.next() % 4)]
    // Every place that these strides reach lies in the memory.
    let rowStride = Int64(choices.next() % 64) - 32
    let columnStride = Int64(choices.next() % 32) - 16
    let classCount = Int(choices.next() % 5)
    let classes = (0..<rows).map { Int64(($0 + Int(choices.next() % 3)) % max(1, classCount)) }
    let folds = (0..<rows).map { _ in Int64(choices.next() % 4) - 1 }
    let weights = (0..<rows).map { _ in Double(choices.next() % 8) - (choices.next() == 0 ? 1 : 0) }
    let (hasFolds, hasWeights) = (choices.next() % 2 == 0, choices.next() % 2 == 0)
    var memory = [UInt8](repeating: 0, count: 4096)
    for index in 1024..<3072 { memory[index] = choices.next() }
    var model: UInt64 = 0
    unsafe memory.withUnsafeBytes { memory in
      unsafe classes.withUnsafeBufferPointer { classes in
        unsafe folds.withUnsafeBufferPointer { folds in
          unsafe weights.withUnsafeBufferPointer { weights in
            var matrix = unsafe layertap_matrix(
              data: memory.baseAddress.map { unsafe $0 + 2048 }, rows: rows, columns: columns, row_stride: rowStride,
              column_stride: columnStride, type: type)
            var targets = unsafe layertap_targets(
              classes: classes.baseAddress, rows: rows, class_count: classCount, names: nil,
              weights: hasWeights ? weights.baseAddress : nil, groups: nil,
              folds: hasFolds ? folds.baseAddress : nil, splits: nil)
            withText(settings) { unsafe layertap_fit(&matrix, &targets, $0, $1, nil, &model) }
            guard model != 0 else { return }
            var scores = [Double](repeating: 0, count: max(1, rows * classCount))
            _ = unsafe layertap_model_predict(model, &matrix, nil, nil, nil, &scores)
            var classifier: UInt64 = 0
            let status = unsafe layertap_model_classifier(model, 0, &matrix, &targets, &classifier)
            if status == LAYERTAP_OK { layertap_release(classifier) }
          }
        }
      }
    }
    guard model != 0 else { return }
    describe { unsafe layertap_model_describe(model, $0) }
    layertap_release(model)
  }

  private func predict(encoded bytes: [UInt8]) {
    unsafe bytes.withUnsafeBytes { memory in
      predict(
        unsafe layertap_image(
          kind: LAYERTAP_IMAGE_ENCODED, data: memory.baseAddress, size: memory.count, width: 0, height: 0,
          row_stride: 0))
    }
  }

  private func predict(pixels bytes: [UInt8]) {
    var choices = Bytes(bytes)
    let (width, height) = (Int(choices.next() % 24), Int(choices.next() % 24))
    let stride = Int64(choices.next()) - 128
    // Rows of at most 128 bytes to both sides.
    var memory = [UInt8](repeating: 7, count: 8192)
    for index in 3000..<5000 { memory[index] = choices.next() }
    unsafe memory.withUnsafeBytes { memory in
      predict(
        unsafe layertap_image(
          kind: LAYERTAP_IMAGE_RGB, data: memory.baseAddress.map { unsafe $0 + 4096 }, size: 0, width: width,
          height: height, row_stride: stride))
    }
  }

  @safe private func predict(_ image: layertap_image) {
    var image = unsafe image
    var (label, status, errors) = (Int64(0), Int32(0), UInt64(0))
    let result = unsafe layertap_classifier_predict_images(
      Reader.classifier, &image, 1, nil, &label, nil, nil, &status, &errors)
    guard result == LAYERTAP_OK else { return }
    if (status == LAYERTAP_OK) != (label >= 0) { fatalError("class \(label) with status \(status)") }
    layertap_release(errors)
  }

  private func open(_ bytes: [UInt8]) {
    withFile(bytes) { path, size in
      var classifier: UInt64 = 0
      guard unsafe layertap_classifier_open(path, size, &classifier) == LAYERTAP_OK else { return }
      describe { unsafe layertap_classifier_describe(classifier, $0) }
      layertap_release(classifier)
    }
  }

  /// Opens the bytes as a file of weights, with the bytes before the first zero as settings.
  private func open(backbone bytes: [UInt8]) {
    let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    withFile(parts.count > 1 ? Array(parts[1]) : []) { path, size in
      withText(Array(parts[0])) { settings, count in
        var backbone: UInt64 = 0
        let status = unsafe layertap_backbone_open(path, size, settings, count, &backbone)
        if status == LAYERTAP_OK { layertap_release(backbone) }
        return status
      }
    }
  }

  /// Takes the bytes as handles and sizes.
  private func handles(_ bytes: [UInt8]) {
    var choices = Bytes(bytes)
    for _ in 0..<8 {
      let handle = choices.number()
      // The handle of the classifier stays.
      if handle == Reader.classifier { continue }
      var (result, dimension) = (UInt64(0), 0)
      _ = unsafe layertap_texts_count(handle, &dimension)
      _ = unsafe layertap_extractor_dimensions(handle, &dimension, Int(truncatingIfNeeded: choices.number()))
      _ = unsafe layertap_store_items(handle, &result)
      _ = unsafe layertap_data_describe(handle, &result)
      _ = layertap_classifier_weights(
        Reader.classifier, nil, Int(truncatingIfNeeded: choices.number()), nil, 0)
      _ = layertap_release(handle)
    }
  }

  // MARK: - Arguments

  @safe private func describe(_ call: (UnsafeMutablePointer<UInt64>) -> Int32) {
    var texts: UInt64 = 0
    guard unsafe call(&texts) == LAYERTAP_OK else { fatalError("an object that cannot be described") }
    var data: UnsafePointer<CChar>?
    var size = 0
    guard unsafe layertap_texts_get(texts, 0, &data, &size) == LAYERTAP_OK, size > 0 else {
      fatalError("an empty description")
    }
    layertap_release(texts)
  }

  @safe private func withText(_ bytes: [UInt8], _ body: (UnsafePointer<CChar>?, Int) -> Int32) {
    let characters = bytes.map { CChar(bitPattern: $0) }
    _ = unsafe characters.withUnsafeBufferPointer { unsafe body($0.baseAddress, $0.count) }
  }

  /// Passes the path of a temporary file.
  @safe private func withFile(_ bytes: [UInt8], _ body: (UnsafePointer<CChar>, Int) -> Void) {
    guard let stream = unsafe tmpfile() else { fatalError("no temporary file") }
    defer { unsafe fclose(stream) }
    let file = unsafe fileno(stream)
    var place = 0
    while place < bytes.count {
      let count = unsafe bytes[place...].withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
      guard count > 0 else { fatalError("a temporary file cannot be written") }
      place += count
    }
    let path = "/proc/self/fd/\(file)"
    unsafe path.withCString { unsafe body($0, path.utf8.count) }
  }
}

/// Numbers from the bytes of an input; zeros after its end.
private struct Bytes {
  private let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() -> UInt8 {
    defer { place += 1 }
    return place < bytes.count ? bytes[place] : 0
  }

  mutating func number() -> UInt64 { (0..<8).reduce(0) { number, _ in number << 8 | UInt64(next()) } }
}
