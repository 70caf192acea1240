// From an ONNX model to a backbone: constants are folded, operators that have a kernel become our own, and the others run as
// the evaluator defines them. Every shape is known, since the picture's size and a batch of one are.

import TapBackbone
import TapOperations
import TapProvenance
import TapTensors

/// Turns a model into a graph.
package struct ONNXImporter {
  /// A value while the graph is being built.
  enum Value {
    /// Known without a picture.
    case constant(TensorValue)
    /// Computed from the picture: the name in our graph, ONNX's shape with the batch of one, and zeros around it that are not
    /// laid yet: top, left, bottom, right.
    case computed(name: String, shape: Shape, pads: Pads?)
  }

  /// Zeros around a picture.
  struct Pads: Hashable {
    var top = 0
    var left = 0
    var bottom = 0
    var right = 0
  }

  let model: ONNXModel
  /// The side of the picture.
  let size: Int
  var nodes: [Graph.Node] = []
  var values: [String: Value] = [:]
  var taken: Set<String> = [Graph.input]
  /// Shapes in our graph, without the batch.
  var shapes: [String: Shape] = [:]
  private let inputName: String

  private init(_ model: ONNXModel, size: Int, input: String) {
    self.model = model
    self.size = size
    inputName = input
  }

  /// Builds a backbone.
  ///
  /// - Parameters:
  ///   - name: what the backbone is called.
  ///   - preprocessing: its size is used where the model leaves the picture's size open, and must be the model's where not.
  /// - Throws: ``ONNXError/Reason`` for a model that is not of one picture, for operators that are not supported.
  package static func backbone(
    _ model: ONNXModel, name: String, preprocessing: Preprocessing
  ) throws(ONNXError.Reason) -> Backbone {
    let input = try picture(of: model)
    if let fixed = input.size, fixed != preprocessing.size {
      throw .wrongInput(
        name: input.name,
        expected: "a picture of \(fixed) x \(fixed) pixels, for which the file was exported",
        found: "size \(preprocessing.size)")
    }
    var importer = ONNXImporter(model, size: preprocessing.size, input: input.name)
    try importer.importAll(isChannelsLast: input.isChannelsLast)
    return try importer.backbone(name: name, preprocessing: preprocessing)
  }

  /// The picture that a model takes.
  package struct Picture {
    let name: String
    /// Height and width; nil where the model leaves them open.
    package let size: Int?
    /// TensorFlow's order of axes.
    let isChannelsLast: Bool
  }

  /// What the model says of its input.
  ///
  /// - Throws: ``ONNXError/Reason`` unless it is one float tensor of one square picture with three channels, or a batch of such.
  package static func picture(of model: ONNXModel) throws(ONNXError.Reason) -> Picture {
    let inputs = model.graph.inputs
    guard inputs.count == 1, let input = inputs.first else {
      throw .unsupportedPart(
        "\(inputs.count) inputs (\(inputs.map(\.name).joined(separator: ", "))), where a picture is one")
    }
    guard case .tensor(let type, let dimensions?) = input.type, type.isFloat, dimensions.count == 4 else {
      throw .wrongInput(name: input.name, expected: "a float tensor [N, 3, H, W]", found: "\(input.type)")
    }
    func extent(_ axis: Int) -> Int? {
      if case .extent(let extent) = dimensions[axis] { extent } else { nil }
    }
    let isChannelsLast = extent(3) == 3 && extent(1) != 3
    let (channels, height, width) =
      isChannelsLast ? (extent(3), extent(1), extent(2)) : (extent(1), extent(2), extent(3))
    guard extent(0) ?? 1 == 1, channels ?? 3 == 3, height == width else {
      throw .wrongInput(
        name: input.name, expected: "one square picture of three channels, or a batch of any size",
        found: "shape [\(dimensions.map { "\($0)" }.joined(separator: ", "))]")
    }
    return Picture(name: input.name, size: height, isChannelsLast: isChannelsLast)
  }

  private mutating func importAll(isChannelsLast: Bool) throws(ONNXError.Reason) {
    for (name, tensor) in model.graph.initializers {
      // Infinities bound clamps and masks; nothing is ever weighed with a NaN.
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
    for node in model.graph.nodes {
      let results = try self.results(of: node)
      for (name, value) in zip(node.outputs, results) where !name.isEmpty { values[name] = value }
    }
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

  /// The results of a node that depends on no picture, or on a picture's shape alone.
  private func folded(_ node: ONNXNode, _ inputs: [Value?]) throws(ONNXError.Reason) -> [TensorValue]? {
    var operands: [TensorValue?] = []
    for input in inputs {
      switch input {
      case nil: operands.append(nil)
      case .constant(let tensor): operands.append(tensor)
      case .computed(_, let shape, let pads):
        guard ["Shape", "Size"].contains(node.operatorName), node.domain.isEmpty, pads == nil else {
          return nil
        }
        operands.append(TensorValue(shape: shape, floats: [Float](repeating: 0, count: shape.elementCount)))
      }
    }
    return try ONNXEvaluator.evaluate(node, operands, opset: model.opsets[node.domain] ?? 0)
  }

  /// A node as the evaluator defines it: one operator of ours for each output.
  mutating func general(_ node: ONNXNode) throws(ONNXError.Reason) -> [Value] {
    let opset = model.opsets[node.domain] ?? 0
    let reference = ONNXNodeReference(
      operatorName: node.operatorName, domain: node.domain, node: node.label, opset: opset)
    var operands: [TensorValue?] = []
    /// Where in `operands` the computed inputs stand.
    var places: [Int] = []
    var names: [String] = []
    var constants: [Tensor] = []
    var shown: [String] = []
    for (index, name) in node.inputs.enumerated() {
      guard !name.isEmpty, let value = values[name] else {
        operands.append(nil)
        shown.append("-")
        continue
      }
      switch value {
      case .constant(let tensor):
        operands.append(tensor)
        if case .floats(let floats) = tensor.storage {
          constants.append(Tensor(shape: tensor.shape, elements: floats))
          shown.append("tensor")
        } else {
          shown.append(HashedText.list((try? tensor.integers("a constant")) ?? []))
        }
      case .computed:
        let (name, shape) = try laid(value)
        operands.append(TensorValue(shape: shape, floats: [Float](repeating: 0, count: shape.elementCount)))
        places.append(index)
        names.append(name)
        shown.append(HashedText.shape(shape))
      }
    }
    // Attributes may be tensors too, which only their values tell apart.
    for (_, attribute) in node.attributes.sorted(by: { $0.key < $1.key }) {
      if case .tensor(let tensor) = attribute, let floats = try? tensor.floats() {
        constants.append(Tensor(shape: tensor.shape, elements: floats))
      }
    }
    // Once with zeros, for the shapes, and to hear objections now.
    let trial = try ONNXEvaluator.evaluate(node, operands, opset: opset)
    let text = HashedText.attributes(of: node, opset: opset, operands: shown)
    let extents = places.map { operands[$0]?.shape ?? [] }
    let inputShapes = names.map { shapes[$0] ?? [] }
    var results: [Value] = []
    for (position, output) in node.outputs.enumerated() where position < trial.count {
      guard !output.isEmpty, trial[position].type.isFloat else {
        // An integer of a picture, such as an index of its largest value: refused where something reads it.
        if !output.isEmpty, model.graph.nodes.contains(where: { $0.inputs.contains(output) }) {
          throw .node(reference, .unsupported("integers that depend on the picture"))
        }
        results.append(.constant(trial[position]))
        continue
      }
      let shape = trial[position].shape
      guard shape.elementCount > 0 else { throw .node(reference, .unsupported("a result without elements")) }
      let (template, places) = (operands, places)
      let operation = GeneralOperation(
        name: node.operatorName, attributes: position == 0 ? text : "output " + String(position) + " " + text,
        constants: constants, inputShapes: inputShapes, outputShape: Self.ours(shape)
      ) { inputs in
        var operands = template
        for (index, (place, floats)) in zip(places, inputs).enumerated() {
          operands[place] = TensorValue(shape: extents[index], floats: floats)
        }
        guard let results = try? ONNXEvaluator.evaluate(node, operands, opset: opset),
          position < results.count,
          case .floats(let floats) = results[position].storage
        else { return nil }
        return floats
      }
      results.append(append(output, .general(operation), names, shape))
    }
    return results
  }

  // MARK: - Building

  /// The shape in our graph, where a batch of one is not written.
  static func ours(_ shape: Shape) -> Shape {
    shape.rank > 1 && shape[0] == 1 ? Shape(Array(shape.extents.dropFirst())) : shape.rank == 0 ? [1] : shape
  }

  /// Appends an operator of ours whose result has ONNX's shape `shape`, reshaping it where ours has fewer axes.
  mutating func append(
    _ name: String, _ operation: Operator, _ inputs: [String], _ shape: Shape
  ) -> Value {
    let operands = inputs.map { shapes[$0] ?? [] }
    let wanted = Self.ours(shape)
    let found = (try? operation.resultShape(operands)) ?? wanted
    let unique = self.unique(name)
    nodes.append(Graph.Node(unique, operation, inputs))
    shapes[unique] = found
    guard found != wanted else { return .computed(name: unique, shape: shape, pads: nil) }
    // The tensor's own name stays with the vector, which is what people tap.
    let reshaped = self.unique(name + " as " + HashedText.shape(wanted))
    nodes.append(Graph.Node(reshaped, .reshape(wanted), [unique]))
    shapes[reshaped] = wanted
    return .computed(name: reshaped, shape: shape, pads: nil)
  }

  /// A computed value with its zeros laid around it.
  mutating func laid(_ value: Value) throws(ONNXError.Reason) -> (name: String, shape: Shape) {
    guard case .computed(let name, let shape, let pads) = value else { preconditionFailure("a constant") }
    guard let pads else { return (name, shape) }
    let inner = Shape([1, shape[1], shape[2] - pads.top - pads.bottom, shape[3] - pads.left - pads.right])
    let temporary = unique("\(name) without zeros")
    values[temporary] = .computed(name: name, shape: inner, pads: nil)
    let padding = [0, 0, pads.top, pads.left, 0, 0, pads.bottom, pads.right].map(Int64.init)
    let node = ONNXNode(
      operatorName: "Pad", inputs: [temporary], outputs: ["\(name) with zeros"],
      attributes: ["pads": .integers(padding)])
    // The attribute form is that of opset 2 to 10.
    let results = try ONNXEvaluator.evaluate(
      node, [TensorValue(shape: inner, floats: [Float](repeating: 0, count: inner.elementCount))], opset: 10)
    let operation = GeneralOperation(
      name: "Pad", attributes: HashedText.pads(pads), constants: [], inputShapes: [shapes[name] ?? []],
      outputShape: Self.ours(results[0].shape)
    ) { inputs in
      let operand = TensorValue(shape: inner, floats: inputs[0])
      guard let results = try? ONNXEvaluator.evaluate(node, [operand], opset: 10),
        case .floats(let floats) = results[0].storage
      else { return nil }
      return floats
    }
    guard case .computed(let laid, _, _) = append("\(name) with zeros", .general(operation), [name], shape)
    else {
      preconditionFailure("computed")
    }
    return (laid, shape)
  }

  /// A name that nothing has yet.
  mutating func unique(_ name: String) -> String {
    var candidate = name
    var count = 2
    while !taken.insert(candidate).inserted {
      candidate = "\(name) (\(count))"
      count += 1
    }
    return candidate
  }
}
