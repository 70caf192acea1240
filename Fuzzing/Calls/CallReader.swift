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
  static let classifier: UInt64 = {
    let path = "Tests/Reference/models/embedded.layertap"
    var classifier: UInt64 = 0
    let status = unsafe path.withCString { unsafe layertap_classifier_open($0, path.utf8.count, &classifier) }
    guard status == LAYERTAP_OK else { fatalError("\(path): status \(status)") }
    return classifier
  }()

  private static let hasStarted: Bool = {
    CallChecks.report()
    return true
  }()

  func read(_ input: UnsafeBufferPointer<UInt8>) {
    guard let first = unsafe input.first, Self.hasStarted else { return }
    let bytes = unsafe Array(input.dropFirst())
    switch first % 9 {
    case 0: fit(bytes)
    case 1: predict(encoded: bytes)
    case 2: predict(pixels: bytes)
    case 3: open(bytes)
    case 4: open(backbone: bytes)
    case 5:
      var sequence = CallSequence(bytes)
      sequence.run()
    case 6: CallFolders.shared.readStore(bytes)
    case 7: CallFolders.shared.readList(bytes)
    default: open(named: bytes)
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
            withText(settings) { CallChecks.checked(unsafe layertap_fit(&matrix, &targets, $0, $1, nil, &model)) }
            guard model != 0 else { return }
            var scores = [Double](repeating: 0, count: max(1, rows * classCount))
            CallChecks.checked(unsafe layertap_model_predict(model, &matrix, nil, nil, nil, &scores))
            var classifier: UInt64 = 0
            let status = CallChecks.checked(unsafe layertap_model_classifier(model, 0, &matrix, &targets, &classifier))
            if status == LAYERTAP_OK { layertap_release(classifier) }
          }
        }
      }
    }
    guard model != 0 else { return }
    CallChecks.describe { unsafe layertap_model_describe(model, $0) }
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
    let result = CallChecks.checked(
      unsafe layertap_classifier_predict_images(
        Reader.classifier, &image, 1, nil, &label, nil, nil, &status, &errors))
    guard result == LAYERTAP_OK else { return }
    if (status == LAYERTAP_OK) != (label >= 0) { fatalError("class \(label) with status \(status)") }
    layertap_release(errors)
  }

  private func open(_ bytes: [UInt8]) {
    withFile(bytes) { path, size in
      var classifier: UInt64 = 0
      let status = CallChecks.checked(unsafe layertap_classifier_open(path, size, &classifier))
      guard status == LAYERTAP_OK else { return }
      use(classifier)
      layertap_release(classifier)
    }
  }

  /// Predicts rows of zeros and an image with a classifier that could be opened.
  private func use(_ classifier: UInt64) {
    let description = CallChecks.describe { unsafe layertap_classifier_describe(classifier, $0) }
    let count = CallChecks.texts(CallChecks.handle { unsafe layertap_classifier_classes(classifier, $0) }).count
    let memory = CallMemory()
    defer { memory.free() }
    let classes = unsafe memory.zeros(Int64.self, 2)
    let scores = unsafe memory.zeros(Double.self, 2 * count)
    let dimensions = description.split(separator: "\"dimensions\": ").dropFirst().first?.prefix(while: \.isNumber)
    if let columns = dimensions.flatMap({ Int($0) }), columns <= 1 << 16 {
      var matrix = unsafe layertap_matrix(
        data: memory.zeros(Float.self, 2 * columns), rows: 2, columns: columns, row_stride: Int64(4 * columns),
        column_stride: 4, type: LAYERTAP_FLOAT32)
      CallChecks.checked(unsafe layertap_classifier_predict(classifier, &matrix, nil, classes, nil, scores))
    }
    let path = CallFolders.images[0]
    var image = unsafe layertap_image(
      kind: LAYERTAP_IMAGE_PATH, data: memory.text(Array(path.utf8)), size: path.utf8.count, width: 0, height: 0,
      row_stride: 0)
    CallChecks.checked(
      unsafe layertap_classifier_predict_images(classifier, &image, 1, nil, classes, nil, scores, nil, nil))
  }

  /// Opens the bytes as a file of weights, with the bytes before the first zero as settings.
  private func open(backbone bytes: [UInt8]) {
    let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    withFile(parts.count > 1 ? Array(parts[1]) : []) { path, size in
      withText(Array(parts[0])) { settings, count in
        var backbone: UInt64 = 0
        let status = CallChecks.checked(unsafe layertap_backbone_open(path, size, settings, count, &backbone))
        if status == LAYERTAP_OK {
          CallChecks.describe { unsafe layertap_backbone_describe(backbone, $0) }
          layertap_release(backbone)
        }
        return status
      }
    }
  }

  /// Takes the bytes as a name or a path of everything that can be opened.
  private func open(named bytes: [UInt8]) {
    let calls: [(UnsafePointer<CChar>?, Int, UnsafeMutablePointer<UInt64>?) -> Int32] = unsafe [
      { unsafe layertap_backbone_open($0, $1, nil, 0, $2) }, { unsafe layertap_store_open($0, $1, $2) },
      { unsafe layertap_classifier_open($0, $1, $2) },
    ]
    for index in unsafe calls.indices {
      let handle = CallChecks.handle { result in
        var status = LAYERTAP_OK
        withText(bytes) { text, size in
          status = unsafe calls[index](text, size, result)
          return status
        }
        return status
      }
      if let handle { CallChecks.checkRelease(layertap_release(handle)) }
    }
  }

  // MARK: - Arguments

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
