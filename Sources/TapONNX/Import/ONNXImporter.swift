// Converts an ONNX model to a backbone. Constants are folded, operators with a kernel become our operators, and the
// evaluator runs all other operators. Every shape is known, since the size of the image is known and the batch is one
// image.

import TapBackbone
import TapONNXOperators
import TapProvenance
import TapTensors

/// Converts a model to a graph.
package struct ONNXImporter {
  /// A value during the construction of the graph.
  enum Value {
    /// A tensor that does not depend on the image.
    case constant(ONNXTensor)
    /// A tensor that depends on the image. The case has the tensor's name in our graph, its ONNX shape with a batch of
    /// one, and the zeros (top, left, bottom, right) that must still be added around it.
    case computed(name: String, shape: Shape, pads: Pads?)
    /// A value whose channels are the last axis in ONNX and the first axis in our graph.
    case pixels(ChannelsLastValue)

    /// The name in our graph and the ONNX shape of a value; nil for a constant.
    var located: (name: String, shape: Shape)? {
      switch self {
      case .constant: nil
      case .computed(let name, let shape, _): (name, shape)
      case .pixels(let pixels): (pixels.name, pixels.shape)
      }
    }
  }

  /// Zeros around an image.
  struct Pads: Hashable {
    var top = 0
    var left = 0
    var bottom = 0
    var right = 0
  }

  let model: ONNXModel
  /// The side of the image.
  let size: Int
  var nodes: [Graph.Node] = []
  var values: [String: Value] = [:]
  var taken: Set<String> = [Graph.input]
  /// The shapes of values in our graph, without the batch axis.
  var shapes: [String: Shape] = [:]
  /// The values that cannot be computed, each with the reason of the first refused node before it.
  var refused: [String: ONNXError.Reason] = [:]
  var transposes: OmittedTransposes
  let gelus: GELUFusion
  /// The number of nodes that read each value. An output of the model counts as one more reader.
  let readers: [String: Int]
  private let trials: ZeroResults
  private let inputName: String

  private init(
    _ model: ONNXModel, size: Int, input: String, transposes: OmittedTransposes, gelus: GELUFusion,
    trials: ZeroResults
  ) {
    self.model = model
    self.size = size
    self.transposes = transposes
    self.gelus = gelus
    self.trials = trials
    readers = model.graph.readers
    inputName = input
  }

  /// Builds a backbone.
  ///
  /// - Parameters:
  ///   - name: the backbone's name.
  ///   - preprocessing: the preprocessing of images. If the model leaves the image's size open, the size of this
  ///     preprocessing is used; otherwise the two sizes must be equal.
  /// - Throws: ``ONNXError/Reason`` for a model whose input is not one image, and for operators that are not supported.
  package static func backbone(
    _ model: ONNXModel, name: String, preprocessing: Preprocessing
  ) throws(ONNXError.Reason) -> Backbone {
    let input = try image(of: model)
    if let fixed = input.size, fixed != preprocessing.size {
      throw .wrongInput(
        name: input.name,
        expected: "an image of \(fixed) x \(fixed) pixels, for which the file was exported",
        found: "size \(preprocessing.size)")
    }
    let (gelus, trials) = (GELUFusion(model.graph), ZeroResults())
    var transposes = OmittedTransposes()
    while true {
      var importer = ONNXImporter(
        model, size: preprocessing.size, input: input.name, transposes: transposes, gelus: gelus,
        trials: trials)
      try importer.importAll(isChannelsLast: input.isChannelsLast)
      // Whether a transposition can be left out is known only after all readers of its result have been imported.
      guard let next = importer.transposes.next else {
        return try importer.backbone(name: name, preprocessing: preprocessing)
      }
      transposes = next
    }
  }

  /// The image that a model takes.
  package struct Image {
    let name: String
    /// The height and width of the image, which are equal; nil if the model leaves them open.
    package let size: Int?
    /// Whether the axes are in TensorFlow's order, with the channels last.
    let isChannelsLast: Bool
  }

  /// The model's description of its input.
  ///
  /// - Throws: ``ONNXError/Reason`` unless the model has one input of floats or of bytes that is a square image with
  ///   three channels, or a batch of such images.
  package static func image(of model: ONNXModel) throws(ONNXError.Reason) -> Image {
    let inputs = model.graph.inputs
    guard inputs.count == 1, let input = inputs.first else {
      throw .unsupportedPart(
        "\(inputs.count) inputs (\(inputs.map(\.name).joined(separator: ", "))), where an image is one")
    }
    guard case .tensor(let type, let dimensions?) = input.type, type.isFloat || type == .uint8, dimensions.count == 4
    else {
      throw .wrongInput(
        name: input.name, expected: "a float tensor [N, 3, H, W]", found: input.type.description)
    }
    func extent(_ axis: Int) -> Int? {
      if case .extent(let extent) = dimensions[axis] { extent } else { nil }
    }
    let isChannelsLast = extent(3) == 3 && extent(1) != 3
    let (channels, height, width) =
      isChannelsLast ? (extent(3), extent(1), extent(2)) : (extent(1), extent(2), extent(3))
    guard extent(0) ?? 1 == 1, channels ?? 3 == 3, height == width else {
      throw .wrongInput(
        name: input.name, expected: "one square image of three channels, or a batch of any size",
        found: "of shape \(ONNXDimension.text(dimensions))")
    }
    return Image(name: input.name, size: height, isChannelsLast: isChannelsLast)
  }

  private mutating func importAll(isChannelsLast: Bool) throws(ONNXError.Reason) {
    for (name, tensor) in model.graph.initializers {
      // Infinities are allowed, since clamps and masks use them. A NaN is refused, since no valid weight is NaN.
      if case .floats(let floats) = tensor.storage, let index = floats.firstIndex(where: \.isNaN) {
        throw .notFinite(tensor: name, index: index)
      }
      values[name] = .constant(tensor)
    }
    shapes[Graph.input] = [3, size, size]
    values[inputName] = .computed(name: Graph.input, shape: [1, 3, size, size], pads: nil)
    if isChannelsLast {
      let transposed = try general(
        ONNXNode(
          operatorName: "Transpose", inputs: [inputName], outputs: ["\(inputName) in N, H, W, C"],
          attributes: ["perm": .integers([0, 2, 3, 1])]))
      values[inputName] = transposed[0]
    }
    for node in model.graph.nodes.compactMap(gelus.replacement) {
      if let input = node.inputs.first(where: { refused[$0] != nil }), let reason = refused[input] {
        refuse(node, reason)
        continue
      }
      do throws(ONNXError.Reason) {
        let results = try self.results(of: node)
        for (name, value) in zip(node.outputs, results) where !name.isEmpty { values[name] = value }
      } catch {
        guard error.isUnsupported else { throw error }
        refuse(node, error)
      }
    }
    for output in model.graph.outputs {
      if case .pixels(let pixels)? = values[output.name] { transposes.needed.formUnion(pixels.origins) }
    }
    // The graph is useful only if it has a node other than a reshape.
    let isUseless = nodes.allSatisfy { $0.operation is Reshape }
    if isUseless, let output = model.graph.outputs.first(where: { refused[$0.name] != nil }),
      let reason = refused[output.name]
    {
      throw reason
    }
  }

  private mutating func refuse(_ node: ONNXNode, _ reason: ONNXError.Reason) {
    for output in node.outputs where !output.isEmpty { refused[output] = reason }
  }

  private mutating func results(of node: ONNXNode) throws(ONNXError.Reason) -> [Value] {
    var inputs: [Value?] = []
    for name in node.inputs {
      if name.isEmpty {
        inputs.append(nil)
        continue
      }
      guard let value = values[name] else { throw .missingInput(name: name) }
      inputs.append(value)
    }
    if let folded = try self.folded(node, inputs) { return folded.map(Value.constant) }
    if let lowered = try lowered(node, inputs) { return [lowered] }
    return try general(node)
  }

  /// The results of a node that depends only on constants, or only on the shape of an image.
  private func folded(_ node: ONNXNode, _ inputs: [Value?]) throws(ONNXError.Reason) -> [ONNXTensor]? {
    var operands: [ONNXTensor?] = []
    for input in inputs {
      switch input {
      case nil: operands.append(nil)
      case .constant(let tensor): operands.append(tensor)
      case .computed, .pixels:
        guard ["Shape", "Size"].contains(node.operatorName), node.domain.isEmpty,
          let shape = input?.located?.shape
        else { return nil }
        operands.append(ONNXTensor(shape: shape, floats: [Float](repeating: 0, count: shape.elementCount)))
      }
    }
    return try ONNXEvaluator.evaluate(node, operands, opset: model.opsets[node.domain] ?? 0)
  }

  /// Imports a node that the evaluator computes: one of our operators for each output.
  mutating func general(_ node: ONNXNode) throws(ONNXError.Reason) -> [Value] {
    let opset = model.opsets[node.domain] ?? 0
    let reference = ONNXNodeReference(
      operatorName: node.operatorName, domain: node.domain, node: node.label, opset: opset)
    if node.operatorName == "BatchNormalization", node.integer("training_mode") ?? 0 != 0 {
      throw .node(reference, .unsupported(Self.trainingMode))
    }
    var operands: [ONNXTensor?] = []
    var kept: [ImportedNode.Operand] = []
    var names: [String] = []
    var shown: [String] = []
    for name in node.inputs {
      guard !name.isEmpty, let value = values[name] else {
        operands.append(nil)
        kept.append(.absent)
        shown.append("-")
        continue
      }
      switch value {
      case .constant(let tensor):
        operands.append(tensor)
        kept.append(.constant(tensor))
        if case .floats = tensor.storage {
          shown.append("tensor")
        } else {
          shown.append(NodeHashText.list((try? tensor.integers("a constant")) ?? []))
        }
      case .computed, .pixels:
        let (name, shape) = try laid(value)
        operands.append(ONNXTensor(shape: shape, floats: [Float](repeating: 0, count: shape.elementCount)))
        kept.append(.value(shape))
        names.append(name)
        shown.append(NodeHashText.shape(shape))
      }
    }
    // Evaluates the node once on zeros, to learn the shapes and to find errors now.
    let trial = try trials.results(of: node, operands, opset: opset)
    let text = NodeHashText.attributes(of: node, opset: opset, operands: shown)
    let inputShapes = names.map { shapes[$0] ?? [] }
    var results: [Value] = []
    for (position, output) in node.outputs.enumerated() where position < trial.count {
      guard !output.isEmpty, trial[position].type.isFloat else {
        // An integer output that depends on the image, such as the index of the largest value, is refused if another
        // node reads it.
        if !output.isEmpty, model.graph.nodes.contains(where: { $0.inputs.contains(output) }) {
          throw .node(reference, .unsupported("integers that depend on the image"))
        }
        results.append(.constant(trial[position]))
        continue
      }
      let shape = trial[position].shape
      guard shape.elementCount > 0 else { throw .node(reference, .unsupported("a result without elements")) }
      let operation = ImportedNode(
        node: node.operation(opset: opset), operands: kept, result: position,
        attributes: position == 0 ? text : "output " + String(position) + " " + text,
        inputShapes: inputShapes, outputShape: Self.ours(shape))
      results.append(append(output, operation, names, shape))
    }
    return results
  }

  private static let trainingMode =
    "training_mode 1 on values of an image, whose features would depend on the other images of a batch (call model.eval() "
    + "before the export),"
}
