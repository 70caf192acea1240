// Linear models on the caller's features: see layertap.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CTapForeign
import LayerTap

@c @implementation public func layertap_fit(
  _ features: UnsafePointer<layertap_matrix>?, _ targets: UnsafePointer<layertap_targets>?,
  _ settings: UnsafePointer<CChar>?, _ settingsSize: Int, _ work: UnsafePointer<layertap_work>?,
  _ model: UnsafeMutablePointer<layertap_model>?
) -> Int32 {
  call {
    let result = try unsafe HandleResult(model, "model")
    let matrix = try unsafe CallerMatrix(features)
    let targets = try unsafe CallerTargets(targets, rows: matrix.rows).targets
    let settings = try MatrixFit.settings(unsafe settingFields(settings, settingsSize))
    let work = unsafe Work(work)
    let view = try matrix.view()
    result.set(
      ModelObject(
        try work.run { progress in
          try MatrixFit(view, targets, settings, threads: work.threads) {
            progress(JobProgress(.fitting, done: $0, total: $1))
          }
        }))
  }
}

@c @implementation public func layertap_model_facts(
  _ model: layertap_model, _ facts: UnsafeMutablePointer<layertap_facts>?
) -> Int32 {
  call {
    let model = try object(model, as: ModelObject.self).fit.model
    guard let facts = unsafe facts else { throw ForeignError.null("facts") }
    unsafe facts.pointee = layertap_facts(
      classes: model.classCount, dimensions: model.dimensions, c: model.c ?? .nan, objective: model.objective,
      gap: model.gap, relative_gap: model.relativeGap, gradient_norm: model.gradientNorm,
      iterations: model.iterations, converged: model.converged ? 1 : 0,
      has_probabilities: model.kind == .logistic ? 1 : 0)
  }
}

@c @implementation public func layertap_model_describe(
  _ model: layertap_model, _ json: UnsafeMutablePointer<layertap_texts>?
) -> Int32 {
  call {
    let fit = try object(model, as: ModelObject.self).fit
    try unsafe HandleResult(json, "json").set(Texts(fit.json))
  }
}

@c @implementation public func layertap_model_weights(
  _ model: layertap_model, _ weights: UnsafeMutablePointer<Double>?, _ weightCount: Int,
  _ biases: UnsafeMutablePointer<Double>?, _ biasCount: Int
) -> Int32 {
  call {
    let model = try object(model, as: ModelObject.self).fit.model
    let weights = try unsafe CallerMemory(
      weights, count: weightCount, expected: model.weights.count, "weights")
    let biases = try unsafe CallerMemory(biases, count: biasCount, expected: model.bias.count, "biases")
    weights.write(model.weights)
    biases.write(model.bias)
  }
}

@c @implementation public func layertap_model_predict(
  _ model: layertap_model, _ features: UnsafePointer<layertap_matrix>?, _ work: UnsafePointer<layertap_work>?,
  _ classes: UnsafeMutablePointer<Int64>?, _ probabilities: UnsafeMutablePointer<Double>?,
  _ scores: UnsafeMutablePointer<Double>?
) -> Int32 {
  call {
    let model = try object(model, as: ModelObject.self).fit.model
    let matrix = try unsafe CallerMatrix(features)
    let work = unsafe Work(work)
    let memory = try unsafe CallerPredictions(
      classes, probabilities, scores, classCount: model.classCount, hasProbabilities: model.kind == .logistic)
    let view = try matrix.view()
    guard view.rows > 0 else { return }
    let found = try work.run { _ in try model.scores(view, threads: work.threads) }
    let predictions = model.predictions(scores: found)
    for row in 0..<view.rows {
      let scores = Array(found[row * model.classCount..<(row + 1) * model.classCount])
      if !scores.allSatisfy(\.isFinite) { try view.requireFinite(row: row) }
      let probabilities = model.kind == .logistic ? model.multiClass.probabilities(scores: scores) : nil
      memory.write(predictions[row], probabilities, scores, row: row)
    }
  }
}

@c @implementation public func layertap_model_classifier(
  _ model: layertap_model, _ extractor: layertap_extractor, _ features: UnsafePointer<layertap_matrix>?,
  _ targets: UnsafePointer<layertap_targets>?, _ classifier: UnsafeMutablePointer<layertap_classifier>?
) -> Int32 {
  call {
    let fit = try object(model, as: ModelObject.self).fit
    let result = try unsafe HandleResult(classifier, "classifier")
    let source = extractor == 0 ? nil : try object(extractor, as: ExtractorObject.self)
    if let source {
      let count = source.dimensions.reduce(0, +)
      guard count == fit.model.dimensions else {
        throw ClassifierError.dimensions(expected: fit.model.dimensions, found: count)
      }
    }
    let dataHash = try unsafe dataHash(of: fit, features, targets)
    guard let source else {
      result.set(ClassifierObject(.trained(try fit.classifier(dataHash: dataHash))))
      return
    }
    let backbone = source.settled.backbone
    result.set(
      ClassifierObject(
        .trained(
          try fit.classifier(
            extraction: source.settled.settings, columns: source.columns, backbone: backbone, dataHash: dataHash)),
        backbone: backbone))
  }
}

/// The hash of the rows of a fit; empty if the caller does not give them.
@unsafe private func dataHash(
  of fit: MatrixFit, _ features: UnsafePointer<layertap_matrix>?, _ targets: UnsafePointer<layertap_targets>?
) throws -> String {
  if unsafe features == nil, unsafe targets == nil { return "" }
  let matrix = try unsafe CallerMatrix(features)
  let targets = try unsafe CallerTargets(targets, rows: matrix.rows).targets
  let view = try matrix.view()
  guard fit.canBeFit(of: view, targets) else {
    throw ForeignError.argument(
      "features",
      problem: "\(view.rows) rows of \(view.columns) columns with these classes are not the rows of the fit: "
        + "give the rows that layertap_fit got, or neither features nor targets")
  }
  return MatrixFit.dataHash(of: view, targets)
}
