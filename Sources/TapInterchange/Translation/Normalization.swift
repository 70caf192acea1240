// Writes the normalization of pixels as ONNX nodes.

import TapONNXOperators
import TapProvenance

/// The map from r, g, b in 0...255 to a network's input.
struct Normalization {
  let preprocessing: Preprocessing

  init(_ preprocessing: Preprocessing) { self.preprocessing = preprocessing }

  /// The factor and the term of each channel, in the order r, g, b: `(x / scale - mean) / deviation`.
  private var maps: (factors: [Float], terms: [Float]) {
    let p = preprocessing
    return (
      p.standardDeviation.map { Float(1 / (p.scale * $0)) },
      zip(p.mean, p.standardDeviation).map { Float(-$0 / $1) }
    )
  }

  /// Adds the nodes that turn uint8 `[images, height, width, 3]` into float32 `[images, 3, height, width]`.
  func translate(from pixels: String, to output: String, _ builder: inout ONNXGraphBuilder) {
    let (factors, terms) = maps
    let isReversed = preprocessing.channels == .bgr
    let factor = builder.constant([1, 3, 1, 1], isReversed ? factors.reversed() : factors, near: "normalize.factor")
    let term = builder.constant([1, 3, 1, 1], isReversed ? terms.reversed() : terms, near: "normalize.term")
    let floats = builder.add("Cast", [pixels], near: "normalize", ["to": .integer(ONNXDataType.code(.float32))])
    var image = builder.add("Transpose", [floats], near: "normalize", ["perm": .integers([0, 3, 1, 2])])
    if isReversed {
      let order = builder.constant([2, 1, 0], near: "normalize.order")
      image = builder.add("Gather", [image, order], near: "normalize", ["axis": .integer(1)])
    }
    let scaled = builder.add("Mul", [image, factor], near: "normalize")
    builder.add("Add", [scaled, term], as: output)
  }
}
