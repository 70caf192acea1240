// Reading what a comparison's pipeline file says, every field checked. Documentation/Pipelines.md lists the fields.

import TapFormats
import TapLinear
import TapProvenance

extension RunConfiguration {
  /// Reads a pipeline file that compares. Relative paths in it are relative to its own folder.
  ///
  /// - Throws: ``RunError/configuration(file:line:field:problem:)`` for bad syntax, unknown fields,
  ///   values of the wrong type or out of range, and another task; ``RunError/file(_:)`` when the file cannot be read.
  public init(contentsOf path: String) throws(RunError) {
    guard case .compare(let configuration) = try PipelineFile(contentsOf: path) else {
      throw .configuration(file: path, line: 1, field: "task", problem: "expected \"compare\"")
    }
    self = configuration
  }

  init(_ fields: ConfigurationReader, hash: Digest) throws(RunError) {
    try fields.allow(
      [
        "task", "name", "images", "manifest", "backbone", "tune", "layers",
        "pool", "classifiers", "multiClass", "penalty", "l1Ratio", "solver", "loss", "classWeight", "store",
        "c",
        "standardize", "normalizeRows", "pca", "whiten", "folds", "repeats", "select", "validationFraction",
        "calibrate", "seed", "baselines",
        "learningCurve", "report", "record", "model",
      ] + PreprocessingChanges.fields)
    guard let images = try fields.path("images") else {
      throw fields.missing("images", "the folder with the images")
    }
    guard let layers = try fields.strings("layers") else {
      throw fields.missing("layers", "a list of layers to compare; 'layertap layers' shows their names")
    }
    let classifiers = try fields.choices("classifiers") ?? [ClassifierKind.logistic]
    self.init(
      name: try fields.string("name") ?? fields.fileStem, images: images,
      manifest: try fields.path("manifest"),
      backbone: try fields.backbone(),
      changes: try PreprocessingChanges(fields), layers: layers,
      poolings: try RunConfiguration.poolings(fields), classifiers: classifiers,
      multiClass: try RunConfiguration.multiClass(fields, classifiers),
      penalty: try RunConfiguration.penalty(fields, classifiers),
      hingeLoss: try RunConfiguration.hingeLoss(fields, classifiers),
      classWeights: try RunConfiguration.classWeights(fields),
      store: try fields.path("store", default: "layertap-store"),
      c: try RunConfiguration.c(fields),
      standardization: try fields.choice("standardize") ?? .automatic,
      transform: try RunConfiguration.transform(fields),
      folds: try fields.integer("folds", in: 2...1000) ?? 5,
      seed: UInt64(try fields.integer("seed", in: 0...Int.max) ?? 0),
      baselines: try RunConfiguration.baselines(fields),
      learningCurve: try RunConfiguration.learningCurve(fields), report: try fields.path("report"),
      record: try fields.path("record"), model: try fields.path("model"),
      fileHash: hash.hex)
    tunes = try fields.flag("tune") ?? false
    rule = try fields.choice("select") ?? .best
    repeats = try fields.integer("repeats", in: 1...100) ?? 1
    validationFraction = try fields.number("validationFraction", "a number between 0 and 1") {
      $0 > 0 && $0 < 1
    }
    for field in ["folds", "repeats"] where validationFraction != nil && fields.has(field) {
      throw fields.error(
        field, "it is for cross-validation, and \"validationFraction\" takes its place")
    }
    calibration = try fields.choice("calibrate") ?? CalibrationMethod.none
    let (method, rule) = (calibration, multiClass)
    if let kind = classifiers.first(where: { !method.fits($0 == .logistic ? rule : $0.multiClass) }) {
      throw fields.error(
        "calibrate",
        "\"\(calibration.rawValue)\" is not for \"\(kind.rawValue)\"; expected \"auto\" or another method"
      )
    }
  }

  private static func poolings(_ fields: ConfigurationReader) throws(RunError) -> [Pooling] {
    try fields.choices("pool", Pooling.selectable.map { ($0.name, $0) }) ?? [.avg]
  }

  private static func multiClass(
    _ fields: ConfigurationReader, _ classifiers: [ClassifierKind]
  ) throws(RunError) -> MultiClass {
    let rule: MultiClass? = try fields.choice("multiClass")
    if rule != nil, !classifiers.contains(.logistic) {
      throw fields.error(
        "multiClass", "it is for logistic regression; expected \"logistic\" among \"classifiers\"")
    }
    return rule ?? .multinomial
  }

  private static func penalty(
    _ fields: ConfigurationReader, _ classifiers: [ClassifierKind]
  ) throws(RunError) -> PenaltyChoice {
    let choice = PenaltyChoice(
      name: try fields.choice("penalty"),
      l1Ratio: try fields.number("l1Ratio", "a number from 0 to 1") { (0...1).contains($0) },
      solver: try fields.choice("solver"))
    let problem = choice.problem(
      classifiers, hingeLoss: try hingeLoss(fields, classifiers), hasC: fields.has("c"))
    if let problem { throw fields.error(problem.part.rawValue, problem.text) }
    return choice
  }

  private static func hingeLoss(
    _ fields: ConfigurationReader, _ classifiers: [ClassifierKind]
  ) throws(RunError) -> HingeLoss {
    let loss: HingeLoss? = try fields.choice("loss")
    if loss != nil, !classifiers.contains(.svm) {
      throw fields.error("loss", "it is for an SVM; expected \"svm\" among \"classifiers\"")
    }
    return loss ?? .squaredHinge
  }

  private static func classWeights(_ fields: ConfigurationReader) throws(RunError) -> ClassWeights {
    let weights = try fields.choices(
      "classWeight", [("none", ClassWeights.uniform), ("balanced", .balanced)])
    return weights?.first ?? .uniform
  }

  private static func learningCurve(
    _ fields: ConfigurationReader
  ) throws(RunError) -> ComparisonRunner.CurveSettings? {
    guard let curve = try fields.object("learningCurve") else { return nil }
    try curve.allow(["imagesPerClass", "draws"])
    var settings = ComparisonRunner.CurveSettings()
    settings.sizes = try curve.value("imagesPerClass", "a list of integers from 1 up") { value -> [Int]? in
      let sizes = value.arrayValue?.compactMap(\.intValue).filter { $0 >= 1 } ?? []
      return sizes.isEmpty || sizes.count < value.arrayValue?.count ?? 0 ? nil : sizes
    }
    settings.draws = try curve.integer("draws", in: 1...1000) ?? settings.draws
    return settings
  }

  /// Nil for `"auto"`, the default.
  private static func c(_ fields: ConfigurationReader) throws(RunError) -> Double? {
    let c = try fields.value("c", "\"auto\" or a number above 0") { value -> Double? in
      value == .string("auto") ? .infinity : value.doubleValue.flatMap { $0 > 0 ? $0 : nil }
    }
    return c == .infinity ? nil : c
  }

  private static func transform(_ fields: ConfigurationReader) throws(RunError) -> FeatureTransform {
    var transform = FeatureTransform(normalizesRows: try fields.flag("normalizeRows") ?? false)
    let count = try fields.value("pca", "an integer from 1 up, or a share of the variance between 0 and 1") {
      value -> PrincipalComponents.Count? in
      if let count = value.intValue { return count >= 1 ? .components(count) : nil }
      return value.doubleValue.flatMap { $0 > 0 && $0 < 1 ? .variance($0) : nil }
    }
    transform.components = count.map { PrincipalComponents($0) }
    if let whitens = try fields.flag("whiten") {
      guard count != nil else { throw fields.error("whiten", "there is nothing to whiten without \"pca\"") }
      transform.components?.whitens = whitens
    }
    return transform
  }

  private static func baselines(_ fields: ConfigurationReader) throws(RunError) -> Baselines {
    guard let baselines = try fields.object("baselines") else { return Baselines() }
    try baselines.allow(["pixels", "random"])
    var result = Baselines()
    if let pixels = try baselines.object("pixels") {
      try pixels.allow(["size"])
      guard let size = try pixels.integer("size", in: 1...512) else {
        throw pixels.missing("size", "the side to which pictures are squashed")
      }
      result.pixels = size
    }
    if let random = try baselines.object("random") {
      try random.allow(["seed"])
      result.random = UInt64(try random.integer("seed", in: 0...Int.max) ?? 0)
    }
    return result
  }
}

extension RunConfiguration.PreprocessingChanges {
  init(_ fields: ConfigurationReader) throws(RunError) {
    self.init(
      size: try fields.integer("size", in: 1...4096), resize: try fields.choice("resize"),
      cropFraction: try fields.number("cropFraction", "a number above 0 and up to 1") { $0 > 0 && $0 <= 1 },
      interpolation: try fields.choice("interpolation"),
      scale: try fields.number("scale", "a number above 0") { $0 > 0 },
      mean: try fields.channels("mean", "three numbers, for r, g and b") { _ in true },
      standardDeviation: try fields.channels("std", "three numbers other than 0, for r, g and b") { $0 != 0 },
      channels: try fields.choice("channels"), decode: try fields.choice("decode"),
      orientation: try fields.choice("orientation"), alpha: try fields.choice("alpha"),
      allowsTruncated: try fields.flag("allowTruncated"))
  }

  /// The fields' names.
  static let fields = [
    "size", "resize", "cropFraction", "interpolation", "scale", "mean", "std", "channels", "decode",
    "orientation",
    "alpha", "allowTruncated",
  ]
}
