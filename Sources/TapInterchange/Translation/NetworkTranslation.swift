// Writes a network up to its taps as ONNX nodes. Batch normalizations are folded into convolutions before, in the same
// way as in a plan, so that a program that reads the file packs the same weights.

import TapBackbone
import TapONNXOperators
import TapTensors

/// The translation of a graph. Values of the graph keep their names in the file where these are free.
struct NetworkTranslation {
  let graph: Graph
  /// The shapes of the graph's values, without the axis of images.
  let shapes: [String: Shape]
  var builder: ONNXGraphBuilder
  /// The names in the file of the graph's values.
  private(set) var names: [String: String]

  /// - Parameters:
  ///   - taps: the values that the file must have.
  ///   - size: the side of the image in pixels.
  ///   - input: the name in the file of the network's input.
  /// - Throws: ``ExportError/backbone(_:)``.
  init(
    _ backbone: Backbone, taps: Set<String>, size: Int, input: String, builder: ONNXGraphBuilder
  ) throws(ExportError) {
    graph = Self.graph(of: backbone, taps: taps)
    do { shapes = try graph.shapes(input: [3, size, size]) } catch { throw .backbone(error) }
    names = [Graph.input: input]
    self.builder = builder
  }

  /// The graph that a file of these taps has.
  static func graph(of backbone: Backbone, taps: Set<String>) -> Graph {
    backbone.graph.foldingBatchNormalization().tapped(at: taps, unfused: backbone.graph)
  }

  /// Adds all nodes.
  mutating func translate() throws(ExportError) {
    for node in graph.nodes {
      let output = builder.name(node.output)
      try translate(node, node.inputs.map(name), as: output)
      names[node.output] = output
    }
  }

  /// The name in the file of a value that has been translated.
  func name(_ value: String) -> String {
    guard let name = names[value] else { preconditionFailure("\(value) is not translated yet") }
    return name
  }

  func shape(_ value: String) -> Shape {
    guard let shape = shapes[value] else { preconditionFailure("\(value) has no shape") }
    return shape
  }

  private mutating func translate(
    _ node: Graph.Node, _ operands: [String], as output: String
  ) throws(ExportError) {
    let shapes = node.inputs.map(shape)
    switch node.operation {
    case let convolution as Convolution: add(convolution.folded, operands, shapes[0], as: output)
    case let pooling as WindowPooling: try add(pooling, operands, shapes[0], node, as: output)
    case let pooling as AdaptiveAveragePooling: add(pooling, operands, shapes[0], as: output)
    case is GlobalAveragePooling:
      let means = builder.add("GlobalAveragePool", operands, near: output)
      builder.add("Flatten", [means], as: output, ["axis": .integer(1)])
    case let clamp as Clamp: add(clamp, operands, as: output)
    case let activation as Activation: add(activation, operands, as: output)
    case let normalization as BatchNormalization: add(normalization, operands, as: output)
    case let normalization as LayerNormalization: add(normalization, operands, shapes[0], as: output)
    case is Addition: builder.add("Add", operands, as: output)
    case is Multiplication: addProduct(operands, shapes, as: output)
    case is Concatenation: builder.add("Concat", operands, as: output, ["axis": .integer(1)])
    case is Flatten: builder.add("Flatten", operands, as: output, ["axis": .integer(1)])
    case is Softmax: builder.add("Softmax", operands, as: output, ["axis": .integer(-1)])
    case let reshape as Reshape: addReshape(operands[0], to: reshape.shape.extents, as: output)
    case let layer as FullyConnected: add(layer, operands, shapes[0], as: output)
    case let imported as ImportedNode: try add(imported, operands, node, as: output)
    default:
      throw .notTranslatable(
        node: node.output, operation: node.operation.name, reason: "this program has no translation of it")
    }
  }

  /// Adds a node that gives a value other axes.
  ///
  /// - Parameter extents: the new shape without the axis of images.
  mutating func addReshape(_ operand: String, to extents: [Int], as output: String) {
    let shape = builder.constant([-1] + extents, near: output + ".shape")
    builder.add("Reshape", [operand, shape], as: output)
  }
}
