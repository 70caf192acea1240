// Writes a classifier's head as ONNX nodes: normalization of rows, scores, probabilities.

import TapBackbone
import TapClassifier
import TapLinear
import TapONNXOperators

/// The translation of a linear head.
struct HeadTranslation {
  let classifier: Classifier

  /// The names of the outputs.
  static let scores = "scores"
  static let probabilities = "probabilities"

  /// Whether the classifier gives probabilities.
  var hasProbabilities: Bool {
    classifier.probabilities(scores: [Double](repeating: 0, count: classifier.classNames.count)) != nil
  }

  /// Adds the nodes.
  ///
  /// - Parameters:
  ///   - features: the raw features of all columns, `[images, dimensions]`.
  ///   - builder: gets the nodes, with the outputs `scores` and, if there are any, `probabilities`.
  func translate(_ features: String, _ builder: inout ONNXGraphBuilder) {
    let (k, d) = (classifier.classNames.count, classifier.dimensions)
    var x = features
    if classifier.normalizesRows {
      // A row of zeros stays unchanged.
      let tiny = builder.constant([], [.leastNormalMagnitude], near: "head.tiny")
      let norm = builder.add("ReduceL2", [x], near: "head", ["axes": .integers([1]), "keepdims": .integer(1)])
      let divisor = builder.add("Max", [norm, tiny], near: "head")
      x = builder.add("Div", [x, divisor], near: "head")
    }
    let weights = builder.constant([k, d], classifier.weights, near: "head.weight")
    let bias = builder.constant([k], classifier.bias, near: "head.bias")
    builder.add("Gemm", [x, weights, bias], as: Self.scores, ["transB": .integer(1)])
    guard hasProbabilities else { return }
    let softmax: [String: ONNXAttribute] = ["axis": .integer(-1)]
    let exponents =
      switch classifier.calibration {
      case .temperature(let temperature)?:
        builder.add(
          "Mul", [Self.scores, builder.constant([], [Float(1 / temperature)], near: "head.inverse")], near: "head")
      case .platt(let sigmoids)?:
        logarithms(of: sigmoids.map { (slope: Float($0.slope), offset: Float($0.offset)) }, &builder)
      case nil:
        classifier.training.multiClass == .oneVersusRest
          ? logarithms(of: [(slope: Float, offset: Float)](repeating: (-1, 0), count: k), &builder) : Self.scores
      }
    builder.add("Softmax", [exponents], as: Self.probabilities, softmax)
  }

  /// The logarithms of sigmoids 1 / (1 + exp(slope · score + offset)). Their softmax is the sigmoids divided by their
  /// sum, and no small sigmoid becomes 0.
  private func logarithms(
    of sigmoids: [(slope: Float, offset: Float)], _ builder: inout ONNXGraphBuilder
  ) -> String {
    let slopes = builder.constant([sigmoids.count], sigmoids.map(\.slope), near: "head.slope")
    let offsets = builder.constant([sigmoids.count], sigmoids.map(\.offset), near: "head.offset")
    let scaled = builder.add("Mul", [Self.scores, slopes], near: "head")
    let exponents = builder.add("Add", [scaled, offsets], near: "head")
    return builder.add("Neg", [builder.add("Softplus", [exponents], near: "head")], near: "head")
  }
}
