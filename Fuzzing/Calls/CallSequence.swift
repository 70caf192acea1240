// Calls in any order: handles live, were released, are of another kind or never existed, pointers are null, and sizes
// contradict the memory. Sizes that would lead beyond the memory are among those that a call must refuse unread.

import CTapForeign
import TapForeign

/// The calls that the bytes of an input choose.
struct CallSequence {
  private static let mostCalls = 32
  /// Values that no size and no stride can have.
  static let sizes = [Int.max, .min, -1, 1 << 62, 1 << 47]

  /// The kinds of handles, which are in their highest byte.
  enum Kind: UInt64 {
    case texts = 1
    case backbone, extractor, store, data, model, classifier
  }

  var choices: Bytes
  private(set) var handles: [UInt64] = []
  let memory = CallMemory()
  let folders = CallFolders.shared

  init(_ bytes: [UInt8]) { choices = Bytes(bytes) }

  mutating func run() {
    defer { memory.free() }
    for _ in 0..<Self.mostCalls where !choices.isAtEnd {
      switch choices.next() % 3 {
      case 0: open()
      case 1: ask()
      default: compute()
      }
    }
    for handle in handles { CallChecks.checkRelease(layertap_release(handle)) }
  }

  /// Makes a call that returns a handle, which later calls use.
  @safe private mutating func take(_ call: (UnsafeMutablePointer<UInt64>?) -> Int32) {
    if choices.rarely() {
      CallChecks.checked(call(nil))
    } else if let handle = CallChecks.handle(call) {
      handles.append(handle)
    }
  }

  // MARK: - Calls

  private mutating func open() {
    let name = unsafe text([CallFolders.network, "efficientnet_lite0", ""])
    let settings = unsafe text([
      CallFolders.settings, "", "{\"layers\": \"all\"}", "{\"layers\": [\"penultimate\"], \"pool\": [\"max\"]}",
    ])
    let models = ["svm-platt", "embedded", "normalized-rows"]
    let model = unsafe text(models.map { "Tests/Reference/models/\($0).layertap" })
    let written = unsafe layertap_text(
      data: memory.text(Array(folders.changed.utf8)), size: folders.changed.utf8.count)
    let (backbone, extractor, classifier) = (handle(.backbone), handle(.extractor), handle(.classifier))
    let isEmbedding: Int32 = choices.often() ? 1 : 0
    let store = unsafe layertap_text(data: memory.text(Array(folders.store.utf8)), size: folders.store.utf8.count)
    switch choices.next() % 10 {
    case 0: take { unsafe layertap_backbone_names($0) }
    case 1: take { unsafe layertap_backbone_open(name.data, name.size, settings.data, settings.size, $0) }
    case 2: take { unsafe layertap_extractor_create(backbone, settings.data, settings.size, $0) }
    case 3: take { unsafe layertap_backbone_classifier(backbone, $0) }
    case 4: take { unsafe layertap_classifier_open(model.data, model.size, $0) }
    case 5: CallChecks.checked(layertap_classifier_prepare(classifier, choices.often() ? 0 : backbone))
    case 6: CallChecks.checked(unsafe layertap_classifier_save(classifier, written.data, written.size, isEmbedding))
    case 7: take { unsafe layertap_extractor_columns(extractor, $0) }
    case 8: take { unsafe layertap_store_open(store.data, store.size, $0) }
    default:
      let handle = handle(nil)
      let status = layertap_release(handle)
      // The next call has to refuse it.
      if status == LAYERTAP_OK, handle != 0 { handles.append(handle) }
      CallChecks.checkRelease(status)
    }
  }

  /// Asks for descriptions, texts and numbers.
  private mutating func ask() {
    let choice = choices.next() % 14
    let kinds: [Kind] = [.backbone, .model, .data, .classifier, .classifier, .store, .store]
    let handle = handle(Int(choice) < kinds.count ? kinds[Int(choice)] : nil)
    let index = choices.rarely() ? choices.one(of: Self.sizes) : choices.index(8)
    let values = unsafe memory.zeros(Double.self, 4096)
    // The caller's memory is large enough for these counts, or a call must refuse the count.
    let counts = [(0..<8).contains(index) ? index * 3 : index, choices.index(8)]
    switch choice {
    case 0: take { unsafe layertap_backbone_describe(handle, $0) }
    case 1: take { unsafe layertap_model_describe(handle, $0) }
    case 2: take { unsafe layertap_data_describe(handle, $0) }
    case 3: take { unsafe layertap_classifier_describe(handle, $0) }
    case 4: take { unsafe layertap_classifier_classes(handle, $0) }
    case 5: take { unsafe layertap_store_describe(handle, $0) }
    case 6: take { unsafe layertap_store_items(handle, $0) }
    case 7:
      let texts = self.handle(.texts)
      let count = unsafe memory.zeros(Int.self, 1)
      var size = 0
      var data: UnsafePointer<CChar>?
      CallChecks.checked(unsafe layertap_texts_count(texts, choices.rarely() ? nil : count))
      let status = CallChecks.checked(unsafe layertap_texts_get(texts, index, &data, &size))
      if status == LAYERTAP_OK, let data = unsafe data, unsafe data[size] != 0 { fatalError("a text without its zero") }
    case 8:
      let facts = unsafe memory.zeros(layertap_facts.self, 1)
      let model = self.handle(.model)
      CallChecks.checked(unsafe layertap_model_facts(model, choices.rarely() ? nil : facts))
    case 9:
      let model = self.handle(.model)
      CallChecks.checked(
        unsafe layertap_model_weights(model, values, counts[0], values + 2048, choices.rarely() ? index : counts[1]))
    case 10:
      let classifier = self.handle(.classifier)
      let floats = unsafe memory.zeros(Float.self, 4096)
      CallChecks.checked(
        unsafe layertap_classifier_weights(classifier, choices.rarely() ? nil : floats, counts[0], floats, counts[1]))
    case 11:
      let extractor = self.handle(.extractor)
      let dimensions = unsafe memory.zeros(Int.self, 8)
      CallChecks.checked(unsafe layertap_extractor_dimensions(extractor, dimensions, index))
    case 12:
      let store = self.handle(.store)
      let matrix = unsafe memory.zeros(layertap_matrix.self, 1)
      CallChecks.checked(unsafe layertap_store_column(store, index, choices.rarely() ? nil : matrix))
    default:
      let store = self.handle(.store)
      let columns = unsafe memory.copy([index, 0])
      take { unsafe layertap_data_from_store(store, columns, index < 3 ? 1 : index, $0) }
    }
  }

  private mutating func compute() {
    let training = unsafe text([
      "", "{\"c\": 1}", "{\"c\": [0.1, 1], \"folds\": 2}", "{\"c\": 1, \"classifier\": \"svm\"}",
      "{\"classifier\": [\"logistic\", \"nearest-mean\"], \"c\": 1}",
      "{\"c\": 1, \"testFraction\": 0.3, \"calibrate\": true}",
      "{\"c\": \"auto\", \"standardize\": \"std\", \"pca\": 2}",
    ])
    let work = unsafe work()
    switch choices.next() % 10 {
    case 0, 1:
      let rows = unsafe matrix()
      let targets = unsafe targets(rows?.pointee.rows ?? 0)
      if choices.often() {
        take { unsafe layertap_fit(rows, targets, training.data, training.size, work, $0) }
      } else {
        take { unsafe layertap_data_from_matrix(rows, targets, $0) }
      }
    case 2:
      let rows = unsafe matrix()
      let targets = unsafe targets(rows?.pointee.rows ?? 0)
      let (model, extractor) = (handle(.model), choices.often() ? 0 : handle(.extractor))
      take { unsafe layertap_model_classifier(model, extractor, rows, targets, $0) }
    case 3:
      let data = handle(.data)
      var record: UInt64 = 0
      take { unsafe layertap_train(data, training.data, training.size, work, $0, &record) }
      if record != 0 { handles.append(record) }
    case 4:
      let data = handle(.data)
      take { unsafe layertap_compare(data, training.data, training.size, work, $0) }
    case 5:
      let rows = unsafe matrix()
      let count = unsafe max(0, min(rows?.pointee.rows ?? 0, 12))
      let classifier = handle(.classifier)
      let classes = CallChecks.texts(CallChecks.handle { unsafe layertap_classifier_classes(classifier, $0) }).count
      let outputs = unsafe predictions(count, classes)
      CallChecks.checked(
        unsafe layertap_classifier_predict(
          classifier, rows, work, outputs.classes, outputs.probabilities, outputs.scores))
    case 6:
      let rows = unsafe matrix()
      let count = unsafe max(0, min(rows?.pointee.rows ?? 0, 12))
      let model = handle(.model)
      var facts = layertap_facts()
      CallChecks.checked(unsafe layertap_model_facts(model, &facts))
      let outputs = unsafe predictions(count, facts.classes)
      CallChecks.checked(
        unsafe layertap_model_predict(model, rows, work, outputs.classes, outputs.probabilities, outputs.scores))
    case 7: predictImages(work)
    case 8: extract(work)
    default:
      let extractor = handle(.extractor)
      let (images, count) = unsafe images()
      let targets = unsafe targets(count)
      take { unsafe layertap_data_from_images(extractor, images, count, targets, work, $0) }
    }
  }

  @safe private mutating func predictImages(_ work: UnsafePointer<layertap_work>?) {
    let (images, count) = unsafe images()
    let classifier = handle(.classifier)
    let classes = CallChecks.texts(CallChecks.handle { unsafe layertap_classifier_classes(classifier, $0) }).count
    let outputs = unsafe predictions(max(0, min(count, 4)), classes)
    let statuses = unsafe memory.zeros(Int32.self, 4)
    let errors = unsafe memory.zeros(UInt64.self, 1)
    let (hasStatuses, hasErrors) = (choices.often(), choices.often())
    CallChecks.checked(
      unsafe layertap_classifier_predict_images(
        classifier, images, count, work, outputs.classes, outputs.probabilities, outputs.scores,
        hasStatuses ? statuses : nil, hasErrors ? errors : nil))
    if unsafe errors[0] != 0 { unsafe handles.append(errors[0]) }
  }

  @safe private mutating func extract(_ work: UnsafePointer<layertap_work>?) {
    let extractor = handle(.extractor)
    let count = CallChecks.texts(CallChecks.handle { unsafe layertap_extractor_columns(extractor, $0) }).count
    let dimensions = unsafe memory.zeros(Int.self, count)
    CallChecks.checked(unsafe layertap_extractor_dimensions(extractor, dimensions, count))
    let (images, imageCount) = unsafe images()
    let rows = max(0, min(imageCount, 4))
    let outputs = unsafe memory.zeros(layertap_output.self, count)
    for column in 0..<count {
      let dimension = unsafe dimensions[column]
      unsafe outputs[column] = layertap_output(
        data: memory.zeros(Float.self, rows * dimension), rows: imageCount, columns: dimension, row_stride: 0)
      guard choices.rarely() else { continue }
      switch choices.next() % 4 {
      case 0: unsafe outputs[column].rows &+= 1
      case 1: unsafe outputs[column].columns = choices.one(of: Self.sizes + [0, dimension + 1])
      case 2:
        let strides = Self.sizes + [4 * dimension - 1, -4 * dimension]
        unsafe outputs[column].row_stride = Int64(choices.one(of: strides))
      default: unsafe outputs[column].data = nil
      }
    }
    let errors = unsafe memory.zeros(UInt64.self, 1)
    let outputCount = choices.rarely() ? choices.one(of: Self.sizes + [count + 1]) : count
    let hasErrors = choices.often()
    CallChecks.checked(
      unsafe layertap_extract(
        extractor, images, imageCount, work, choices.rarely() ? nil : outputs, outputCount, nil,
        hasErrors ? errors : nil))
    if unsafe errors[0] != 0 { unsafe handles.append(errors[0]) }
  }
}
