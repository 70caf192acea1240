// A graph as a document and tensors, so that a file can contain a network. The document has the structure as JSON; the
// tensors have the weights.
//
// The document is `{"format": 1 or 2, "nodes": [{"output": name, "operator": kind, "inputs": [names], …attributes}]}`,
// with the nodes in topological order. Format 2 can also have ONNX nodes (see ImportedNode+Document). The tensors of a
// node are named `<index of the node>.<part>`. A document is checked like any file from outside. No document can make
// the program trap. The memory that a document needs is limited to a small multiple of the file's size, or to the
// largest value of an operation.

import TapFormats
import TapTensors

/// The reason why a document does not describe a graph.
package struct GraphDocumentError: Error, Equatable, CustomStringConvertible {
  package let node: Int?
  package let problem: String

  package var description: String { (node.map { "node \($0): " } ?? "") + problem }
}

extension Graph {
  /// The latest format that this program reads.
  private static let latestFormat = 2
  /// The first format with ONNX nodes; a graph without ONNX nodes is written in format 1.
  private static let formatOfNodes = 2
  private static let largestNodeCount = 10_000
  private static let largestExtent = 1 << 20

  /// The format in which this graph is written.
  private var documentFormat: Int {
    nodes.contains { if case .imported = $0.operation { true } else { false } } ? Self.formatOfNodes : 1
  }

  /// The structure as JSON, and the tensors by name.
  ///
  /// - Precondition: the graph is as an architecture defines it, with nothing fused or lowered, and has no
  ///   ``unwritableNode``.
  package var document: (structure: JSONValue, tensors: [(name: String, tensor: Tensor)]) {
    var tensors: [(name: String, tensor: Tensor)] = []
    let nodes = nodes.enumerated().map { index, node -> JSONValue in
      var fields: [String: JSONValue] = [
        "output": .string(node.output), "inputs": .array(node.inputs.map(JSONValue.string)),
      ]
      func add(_ part: String, _ tensor: Tensor) { tensors.append(("\(index).\(part)", tensor)) }
      func add(_ part: String, _ elements: [Float]) {
        add(part, Tensor(shape: [elements.count], elements: elements))
      }
      switch node.operation {
      case .convolution(let convolution):
        fields["operator"] = .string("convolution")
        fields["vertical"] = convolution.vertical.document
        fields["horizontal"] = convolution.horizontal.document
        fields["groups"] = .integer(convolution.groups)
        add("weights", convolution.weights)
        if let bias = convolution.bias { add("bias", bias) }
      case .batchNormalization(let normalization):
        fields["operator"] = .string("batchNormalization")
        // The numbers are in double precision, which JSON numbers keep exactly.
        fields["scale"] = .array(normalization.scale.map(JSONValue.number))
        fields["shift"] = .array(normalization.shift.map(JSONValue.number))
      case .clamp(let clamp):
        fields["operator"] = .string("clamp")
        if clamp.minimum.isFinite { fields["minimum"] = .number(Double(clamp.minimum)) }
        if clamp.maximum.isFinite { fields["maximum"] = .number(Double(clamp.maximum)) }
      case .activation(let activation): fields["operator"] = .string(activation.rawValue)
      case .add: fields["operator"] = .string("add")
      case .multiply: fields["operator"] = .string("multiply")
      case .concatenate: fields["operator"] = .string("concatenate")
      case .windowPooling(let pooling):
        switch pooling.kind {
        case .maximum: fields["operator"] = .string("maxPool")
        case .average(let countsPadding):
          fields["operator"] = .string("averagePool")
          fields["countsPadding"] = .bool(countsPadding)
        }
        fields["vertical"] = pooling.vertical.document
        fields["horizontal"] = pooling.horizontal.document
      case .adaptiveAveragePooling(let pooling):
        fields["operator"] = .string("adaptiveAveragePool")
        fields["height"] = .integer(pooling.height)
        fields["width"] = .integer(pooling.width)
      case .layerNormalization(let normalization):
        fields["operator"] = .string("layerNormalization")
        fields["epsilon"] = .number(normalization.epsilon)
        add("gamma", normalization.gamma)
        add("beta", normalization.beta)
      case .softmax: fields["operator"] = .string("softmax")
      case .globalAveragePool: fields["operator"] = .string("globalAveragePool")
      case .flatten: fields["operator"] = .string("flatten")
      case .reshape(let shape):
        fields["operator"] = .string("reshape")
        fields["shape"] = .array(shape.extents.map(JSONValue.integer))
      case .fullyConnected(let layer):
        fields["operator"] = .string("fullyConnected")
        add("weights", layer.weights)
        add("bias", layer.bias)
      case .imported(let operation): fields.merge(operation.document(adding: add)) { _, own in own }
      case .layoutConversion:
        preconditionFailure("\(node.output): \(node.operation.name) is not for documents")
      }
      return .object(fields)
    }
    return (.object(["format": .integer(documentFormat), "nodes": .array(nodes)]), tensors)
  }

  /// Reads a graph from a document.
  ///
  /// - Parameter tensors: the tensors by name. Every element must be finite, and every tensor must be used.
  package init(
    document: JSONValue, tensors: [String: Tensor]
  ) throws(GraphDocumentError) {
    guard let format = document["format"]?.intValue, format >= 1 else {
      throw GraphDocumentError(node: nil, problem: "'format' must be an integer from 1 up")
    }
    guard format <= Self.latestFormat else {
      throw GraphDocumentError(
        node: nil,
        problem:
          "it has format \(format), and this program reads formats 1 to \(Self.latestFormat): use a later version of the "
          + "program")
    }
    guard let entries = document["nodes"]?.arrayValue, (1...Self.largestNodeCount).contains(entries.count)
    else {
      throw GraphDocumentError(node: nil, problem: "expected 1 to \(Self.largestNodeCount) nodes")
    }
    var nodes: [Node] = []
    var known: Set<String> = [Graph.input]
    for (index, entry) in entries.enumerated() {
      let reader = NodeReader(format: format, index: index, entry: entry, tensors: tensors)
      guard let output = entry["output"]?.stringValue, !output.isEmpty, known.insert(output).inserted else {
        throw reader.error("expected an output with a name of its own")
      }
      let inputs = entry["inputs"]?.arrayValue?.compactMap(\.stringValue) ?? []
      guard !inputs.isEmpty, inputs.count == entry["inputs"]?.arrayValue?.count,
        inputs.allSatisfy({ known.contains($0) && $0 != output })
      else { throw reader.error("its inputs must be outputs of nodes before it") }
      let operation = try reader.operation()
      // A second input would be a residual, which only a fused graph has.
      if case .convolution = operation, inputs.count > 1 { throw reader.error("a convolution of two inputs") }
      nodes.append(Node(output, operation, inputs))
    }
    let used = Set(Graph(nodes).document.tensors.map(\.name))
    guard used == Set(tensors.keys) else {
      let extra = tensors.keys.filter { !used.contains($0) }.sorted()
      throw GraphDocumentError(node: nil, problem: "no node has the tensor '\(extra[0])'")
    }
    self.init(nodes)
  }

  /// One node of a document.
  private struct NodeReader {
    let format: Int
    let index: Int
    let entry: JSONValue
    let tensors: [String: Tensor]

    func error(_ problem: String) -> GraphDocumentError { GraphDocumentError(node: index, problem: problem) }

    func operation() throws(GraphDocumentError) -> Operator {
      let kind = entry["operator"]?.stringValue ?? ""
      switch kind {
      case "convolution": return .convolution(try convolution())
      case "batchNormalization": return .batchNormalization(try batchNormalization())
      case "clamp": return .clamp(try clamp())
      case "add": return .add
      case "multiply": return .multiply
      case "concatenate": return .concatenate
      case "maxPool":
        return .windowPooling(
          WindowPooling(.maximum, vertical: try axis("vertical"), horizontal: try axis("horizontal")))
      case "averagePool":
        guard case .bool(let countsPadding)? = entry["countsPadding"] else {
          throw error("'countsPadding' must be true or false")
        }
        return .windowPooling(
          WindowPooling(
            .average(countsPadding: countsPadding), vertical: try axis("vertical"),
            horizontal: try axis("horizontal")))
      case "adaptiveAveragePool":
        return .adaptiveAveragePooling(
          AdaptiveAveragePooling(
            height: try integer("height", 1...Backbone.sizes.upperBound),
            width: try integer("width", 1...Backbone.sizes.upperBound)))
      case "layerNormalization": return .layerNormalization(try layerNormalization())
      case "softmax": return .softmax
      case "globalAveragePool": return .globalAveragePool
      case "flatten": return .flatten
      case "reshape":
        let extents = entry["shape"]?.arrayValue?.compactMap(\.intValue) ?? []
        guard !extents.isEmpty, extents.count == entry["shape"]?.arrayValue?.count,
          extents.allSatisfy({ $0 > 0 }), let shape = try? Shape(validating: extents)
        else { throw error("'shape' must be a list of integers above 0") }
        return .reshape(shape)
      case "fullyConnected":
        let weights = try weights(rank: 2)
        guard let bias = try bias(weights.shape[0]) else { throw error("the bias is missing") }
        return .fullyConnected(FullyConnected(weights: weights, bias: bias))
      case "node" where format >= Graph.formatOfNodes:
        do {
          return .imported(try ImportedNode(document: entry) { tensors["\(index).\($0)"] })
        } catch { throw self.error(error.problem) }
      default:
        if let activation = Activation(rawValue: kind) { return .activation(activation) }
        throw error("the operator '\(kind)' is unknown")
      }
    }

    private func convolution() throws(GraphDocumentError) -> Convolution {
      let weights = try weights(rank: 4)
      let groups = try integer("groups", 1...weights.shape[0])
      guard weights.shape[0] % groups == 0 else {
        throw error("\(groups) groups of \(weights.shape[0]) channels")
      }
      let (vertical, horizontal) = (try axis("vertical"), try axis("horizontal"))
      guard weights.shape[2] == vertical.kernel, weights.shape[3] == horizontal.kernel else {
        throw error("a kernel of \(vertical.kernel) x \(horizontal.kernel) with weights \(weights.shape)")
      }
      return Convolution(
        weights: weights, bias: try bias(weights.shape[0]), vertical: vertical, horizontal: horizontal,
        groups: groups)
    }

    /// Reads a window along an axis; its sizes must be within the range of image networks.
    private func axis(_ name: String) throws(GraphDocumentError) -> WindowAxis {
      guard let axis = entry[name].flatMap(WindowAxis.init(document:)) else {
        throw error("'\(name)' must say kernel, stride, dilation, padding and roundsUp of a window")
      }
      return axis
    }

    private func layerNormalization() throws(GraphDocumentError) -> LayerNormalization {
      guard let gamma = tensors["\(index).gamma"], let beta = tensors["\(index).beta"], gamma.shape.rank == 1,
        gamma.shape == beta.shape, gamma.shape[0] > 0
      else { throw error("'gamma' and 'beta' must be vectors of one length") }
      guard let epsilon = entry["epsilon"]?.doubleValue, epsilon >= 0, epsilon.isFinite else {
        throw error("'epsilon' must be a number from 0 up")
      }
      return LayerNormalization(gamma: gamma.elements, beta: beta.elements, epsilon: epsilon)
    }

    private func batchNormalization() throws(GraphDocumentError) -> BatchNormalization {
      func numbers(_ name: String) throws(GraphDocumentError) -> [Double] {
        let values = entry[name]?.arrayValue ?? []
        let numbers = values.compactMap(\.doubleValue).filter(\.isFinite)
        guard !numbers.isEmpty, numbers.count == values.count else {
          throw error("'\(name)' must be a list of finite numbers")
        }
        return numbers
      }
      let (scale, shift) = (try numbers("scale"), try numbers("shift"))
      guard scale.count == shift.count else { throw error("\(scale.count) scales and \(shift.count) shifts") }
      return BatchNormalization(scale: scale, shift: shift)
    }

    private func clamp() throws(GraphDocumentError) -> Clamp {
      func bound(_ name: String, _ absent: Float) throws(GraphDocumentError) -> Float {
        guard let value = entry[name] else { return absent }
        guard let number = value.doubleValue, Float(number).isFinite else {
          throw error("'\(name)' must be a finite number")
        }
        return Float(number)
      }
      let clamp = Clamp(minimum: try bound("minimum", -.infinity), maximum: try bound("maximum", .infinity))
      guard clamp.minimum <= clamp.maximum else { throw error("its minimum is above its maximum") }
      return clamp
    }

    private func integer(_ name: String, _ range: ClosedRange<Int>) throws(GraphDocumentError) -> Int {
      guard let value = entry[name]?.intValue, range.contains(value) else {
        throw error("'\(name)' must be an integer from \(range.lowerBound) to \(range.upperBound)")
      }
      return value
    }

    private func weights(rank: Int) throws(GraphDocumentError) -> Tensor {
      guard let tensor = tensors["\(index).weights"] else {
        throw error("the tensor '\(index).weights' is missing")
      }
      guard tensor.shape.rank == rank,
        tensor.shape.extents.allSatisfy({ (1...Graph.largestExtent).contains($0) })
      else { throw error("the weights have shape \(tensor.shape), expected rank \(rank)") }
      return tensor
    }

    private func bias(_ count: Int) throws(GraphDocumentError) -> [Float]? {
      guard let tensor = tensors["\(index).bias"] else { return nil }
      guard tensor.shape.extents == [count] else {
        throw error("the bias has shape \(tensor.shape), expected [\(count)]")
      }
      return tensor.elements
    }
  }
}

extension WindowAxis {
  /// The range of sizes; no image network has larger ones.
  private static let extents = 1...4096

  fileprivate var document: JSONValue {
    let padding: JSONValue =
      switch padding {
      case .same: .string("same")
      case .around(let before, let after): .array([.integer(before), .integer(after)])
      }
    return .object([
      "kernel": .integer(kernel), "stride": .integer(stride), "dilation": .integer(dilation),
      "padding": padding, "roundsUp": .bool(roundsUp),
    ])
  }

  fileprivate init?(document: JSONValue) {
    func extent(_ name: String) -> Int? {
      document[name]?.intValue.flatMap { Self.extents.contains($0) ? $0 : nil }
    }
    guard let kernel = extent("kernel"), let stride = extent("stride"), let dilation = extent("dilation"),
      case .bool(let roundsUp)? = document["roundsUp"]
    else { return nil }
    let padding: Padding
    if document["padding"]?.stringValue == "same" {
      padding = .same
    } else {
      let ends = document["padding"]?.arrayValue?.compactMap(\.intValue) ?? []
      guard ends.count == 2, ends.allSatisfy({ 0...Self.extents.upperBound ~= $0 }) else { return nil }
      padding = .around(before: ends[0], after: ends[1])
    }
    self.init(kernel: kernel, stride: stride, dilation: dilation, padding: padding, roundsUp: roundsUp)
  }
}
