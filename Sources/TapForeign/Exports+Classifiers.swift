// Classifiers: see layertap.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CTapForeign
import LayerTap
import Synchronization

@c @implementation public func layertap_classifier_open(
  _ path: UnsafePointer<CChar>?, _ pathSize: Int, _ classifier: UnsafeMutablePointer<layertap_classifier>?
) -> Int32 {
  call {
    let result = try unsafe HandleResult(classifier, "classifier")
    let (head, embedded) = try Classifier.load(unsafe String(filled: path, pathSize, "path"))
    result.set(ClassifierObject(.trained(head), backbone: embedded))
  }
}

@c @implementation public func layertap_classifier_save(
  _ classifier: layertap_classifier, _ path: UnsafePointer<CChar>?, _ pathSize: Int, _ embedBackbone: Int32
) -> Int32 {
  call {
    let object = try object(classifier, as: ClassifierObject.self)
    let path = try unsafe String(filled: path, pathSize, "path")
    let classifier = try object.classifier
    try classifier.write(to: path, embedding: embedBackbone == 0 ? nil : object.backbone())
  }
}

@c @implementation public func layertap_classifier_classes(
  _ classifier: layertap_classifier, _ names: UnsafeMutablePointer<layertap_texts>?
) -> Int32 {
  call {
    let classifier = try object(classifier, as: ClassifierObject.self)
    try unsafe HandleResult(names, "names").set(Texts(classifier.classNames))
  }
}

@c @implementation public func layertap_classifier_describe(
  _ classifier: layertap_classifier, _ json: UnsafeMutablePointer<layertap_texts>?
) -> Int32 {
  call {
    let object = try object(classifier, as: ClassifierObject.self)
    let result = try unsafe HandleResult(json, "json")
    let trained = try? object.classifier
    var fields: [String: JSONValue] = ["settings": .null, "training": .null, "selection": .null]
    if let trained { fields = trained.training.record }
    fields["classNames"] = .array(object.classNames.map(JSONValue.string))
    fields["classifier"] = .string((trained?.kind ?? .logistic).rawValue)
    fields["hasProbabilities"] = .bool(object.hasProbabilities)
    fields["takesImages"] = .bool(trained.map { $0.source != nil } ?? true)
    fields["takesRows"] = .bool(trained != nil)
    fields["dimensions"] = trained.map { .integer($0.dimensions) } ?? .null
    fields["backbone"] = trained?.source?.identity.json ?? .null
    fields["columns"] = trained?.source.map { .array($0.columns.map { .string($0.name) }) } ?? .null
    fields["warnings"] = .array(object.warnings.map(JSONValue.string))
    result.set(Texts(.object(fields)))
  }
}

@c @implementation public func layertap_classifier_weights(
  _ classifier: layertap_classifier, _ weights: UnsafeMutablePointer<Float>?, _ weightCount: Int,
  _ biases: UnsafeMutablePointer<Float>?, _ biasCount: Int
) -> Int32 {
  call {
    let classifier = try object(classifier, as: ClassifierObject.self).classifier
    let weights = try unsafe CallerMemory(
      weights, count: weightCount, expected: classifier.weights.count, "weights")
    let biases = try unsafe CallerMemory(biases, count: biasCount, expected: classifier.bias.count, "biases")
    weights.write(classifier.weights)
    biases.write(classifier.bias)
  }
}

@c @implementation public func layertap_classifier_prepare(
  _ classifier: layertap_classifier, _ backbone: layertap_backbone
) -> Int32 {
  call {
    let classifier = try object(classifier, as: ClassifierObject.self)
    let backbone = backbone == 0 ? nil : try object(backbone, as: BackboneObject.self).loaded.backbone
    _ = try classifier.images(backbone)
  }
}

@c @implementation public func layertap_classifier_predict(
  _ classifier: layertap_classifier, _ features: UnsafePointer<layertap_matrix>?,
  _ work: UnsafePointer<layertap_work>?, _ classes: UnsafeMutablePointer<Int64>?,
  _ probabilities: UnsafeMutablePointer<Double>?, _ scores: UnsafeMutablePointer<Double>?
) -> Int32 {
  call {
    let object = try object(classifier, as: ClassifierObject.self)
    let classifier = try object.classifier
    let matrix = try unsafe CallerMatrix(features)
    let work = unsafe Work(work)
    let memory = try unsafe CallerPredictions(
      classes, probabilities, scores, classCount: classifier.classNames.count,
      hasProbabilities: object.hasProbabilities)
    guard matrix.columns == classifier.dimensions else {
      throw ClassifierError.dimensions(expected: classifier.dimensions, found: matrix.columns)
    }
    let view = try matrix.view()
    // A row takes about a microsecond, so threads take many rows at a time.
    let piece = 256
    try work.run { _ in
      let failed = Mutex(Int?.none)
      Threads.concurrentForEach(
        count: view.rows / piece + 1, threads: work.threads ?? Threads.available
      ) { index in
        if Cancellation.isRequested { return }
        for row in index * piece..<min((index + 1) * piece, view.rows) {
          let scores = view.withRow(row) { classifier.scores($0) }
          guard scores.allSatisfy(\.isFinite) else {
            failed.withLock { $0 = min($0 ?? row, row) }
            return
          }
          let (best, probabilities) = object.prediction(scores: scores)
          memory.write(best, probabilities, scores, row: row)
        }
      }
      if let row = failed.withLock({ $0 }) { try view.requireFinite(row: row) }
    }
  }
}

@c @implementation public func layertap_classifier_predict_images(
  _ classifier: layertap_classifier, _ images: UnsafePointer<layertap_image>?, _ count: Int,
  _ work: UnsafePointer<layertap_work>?, _ classes: UnsafeMutablePointer<Int64>?,
  _ probabilities: UnsafeMutablePointer<Double>?, _ scores: UnsafeMutablePointer<Double>?,
  _ statuses: UnsafeMutablePointer<Int32>?, _ errors: UnsafeMutablePointer<layertap_texts>?
) -> Int32 {
  call {
    let object = try object(classifier, as: ClassifierObject.self)
    let images = try unsafe CallerImages(images, count)
    let work = unsafe Work(work)
    let memory = try unsafe CallerPredictions(
      classes, probabilities, scores, classCount: object.classNames.count,
      hasProbabilities: object.hasProbabilities)
    let errors = try unsafe ImageErrors(statuses, errors)
    let keepsErrors = errors.areKept
    let failures = try work.run { progress in
      try predict(images, object, work, progress, keepsErrors: keepsErrors, into: memory)
    }
    errors.set(failures, count: count)
  }
}

/// Predicts images into the caller's memory.
///
/// - Returns: the status and the text of each image's error.
/// - Throws: the error of the first image, unless `keepsErrors`; `CancellationError`.
private func predict(
  _ images: CallerImages, _ object: ClassifierObject, _ work: Work,
  _ progress: @escaping @Sendable (JobProgress) -> Void, keepsErrors: Bool, into memory: CallerPredictions
) throws -> [Int: (status: Int32, text: String)] {
  struct State {
    var taken = 0
    var delivered = 0
    var failures: [Int: (status: Int32, text: String)] = [:]
    var first: (index: Int, error: ClassifierError)?
  }
  let scoring = try object.images()
  let state = Mutex(State())
  let isEnded = { @Sendable (state: borrowing State) in
    state.taken >= images.count || !keepsErrors && state.first != nil
  }
  scoring.scores(
    inputs: {
      let index = state.withLock { state -> Int? in
        guard !isEnded(state) else { return nil }
        defer { state.taken += 1 }
        return state.taken
      }
      return index.map { .image(images[$0]) }
    }, count: images.count, threads: work.threads,
    deliver: { _, result in
      let index = state.withLock { state in
        defer { state.delivered += 1 }
        return state.delivered
      }
      switch result {
      case .success(let scores):
        let (best, probabilities) = object.prediction(scores: scores)
        memory.write(best, probabilities, scores, row: index)
      case .failure(let error):
        memory.writeNothing(row: index)
        var text = "\(error)"
        if case .image(path: "", _) = error { text = "\(ImageInput.name(inMemory: index)): \(text)" }
        state.withLock { state in
          state.failures[index] = (status(of: error), text)
          if state.first == nil { state.first = (index, error) }
        }
      }
      progress(JobProgress(.predicting, done: index + 1, total: images.count))
    })
  if Cancellation.isRequested { throw CancellationError() }
  let (failures, first) = state.withLock { ($0.failures, $0.first) }
  if !keepsErrors, let first {
    if case .image(path: "", let error) = first.error {
      throw ClassifierError.image(path: ImageInput.name(inMemory: first.index), error)
    }
    throw first.error
  }
  return failures
}
