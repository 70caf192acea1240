// Compares every architecture with PyTorch in float64, with generated parameters:
// Tests/Reference/architectures/generate.py.

import TapArchitectures
import TapBackbone
import TapFileSystem
import TapFormats
import TapKernels
import TapProvenance
import TapTensors
import TestSupport
import Testing

@Suite(.serialized) struct ArchitectureReferenceTests {
  /// The limit of the normalized error, which is a tap's largest difference divided by the tap's largest value.
  private static let bar: Float = 2e-5
  private static let size = 72

  /// The file of one architecture.
  private struct Reference {
    let bytes: [UInt8]
    let file: Safetensors
    let taps: [(name: String, shape: [Int])]

    init(_ name: String) throws {
      let bytes = try FileSystem.read(Repository.path("Tests/Reference/architectures/\(name).safetensors"))
      let read = try Safetensors(bytes.span)
      (self.bytes, file) = (bytes, read)
      taps = (try JSONValue.parse(read.metadata["taps"] ?? "").arrayValue ?? []).map {
        ($0["name"]?.stringValue ?? "", $0["shape"]?.arrayValue?.compactMap(\.intValue) ?? [])
      }
    }

    func floats(_ name: String) throws -> [Float] { try file.floats(name, in: bytes.span).elements }
  }

  private static let input = ReferenceParameters.image(size: size)

  /// The largest normalized error over all taps of a backbone, and the tap that has it.
  private func worstError(
    _ backbone: Backbone, of name: String, _ reference: Reference,
    forcing algorithm: ConvolutionAlgorithm? = nil
  ) throws -> (error: Float, tap: String) {
    let taps = reference.taps
    #expect(taps.count >= 5 && taps.contains { $0.name == "logits" })
    let columns = try taps.map { tap in
      Column(tap: try backbone.resolve(tap.name), pooling: tap.shape.count == 1 ? .none : .flatten)
    }
    let plan = try backbone.plan(columns: columns, size: Self.size, forcing: algorithm)
    let row = plan.rows(Self.input)
    var worst: (error: Float, tap: String) = (0, "")
    var offset = 0
    for (tap, count) in zip(taps, plan.dimensions) {
      guard count == tap.shape.reduce(1, *) else { return (.infinity, tap.name) }
      let values = row[offset..<(offset + count)]
      offset += count
      let key = tap.name
      let largest = try reference.floats("\(key)/largest")[0]
      let samples = try reference.floats("\(key)/samples")
      let places = ReferenceParameters.uniform("\(name) \(tap.name)", count: samples.count)
      let found = places.map { values[values.startIndex + Int(Double($0) * Double(count))] }
      let means = try reference.floats("\(key)/means")
      let pixels = count / means.count
      let foundMeans = means.indices.map { channel in
        let start = values.startIndex + channel * pixels
        return Float(values[start..<(start + pixels)].reduce(0.0) { $0 + Double($1) } / Double(pixels))
      }
      let error =
        max(largestDifference(found, samples), largestDifference(foundMeans, means)) / largest
      if error > worst.error { worst = (error, tap.name) }
    }
    return worst
  }

  /// A separate suite compares timm's residual networks.
  @Test(arguments: Architectures.names.filter { !ResidualNetworkTests.names.contains($0) })
  func agreesWithPyTorch(name: String) throws {
    let reference = try Reference(name)
    let weights = try ReferenceParameters.weights(of: name)
    let backbone = try Architectures.build(name, weights: weights)
    // If no convolution has a choice of algorithms, forcing one gives the same plan.
    let forced: [ConvolutionAlgorithm] =
      try backbone.choosableGeometries().isEmpty ? [] : [.direct, .winograd]
    for algorithm in [nil] + forced {
      let worst = try worstError(backbone, of: name, reference, forcing: algorithm)
      #expect(
        worst.error <= Self.bar,
        "\(name), \(algorithm?.rawValue ?? "as chosen"): \(worst.error) at \(worst.tap)")
    }
    // The names and shapes of the weights identify the architecture.
    #expect(Architectures.recognized(weights)?.name == name)
    try expectAliases(of: backbone, name)
  }

  /// Checks the names that every backbone has, and names from textbooks, such as "pool5".
  private func expectAliases(of backbone: Backbone, _ name: String) throws {
    func count(_ tap: String, _ pooling: Pooling) throws -> Int {
      try backbone.dimensions(of: Column(tap: try backbone.resolve(tap), pooling: pooling))
    }
    #expect(try count("logits", .none) == (name.hasSuffix("cifar10") ? 10 : 1000), "\(name)")
    #expect(try count("input", .avg) == 3 && count("penultimate", .avg) >= 64, "\(name)")
    // In VGG, "avgpool" is torchvision's pooling before the classifier, whose output has 7 x 7 means a channel.
    #expect(try count("avgpool", .avg) >= 64, "\(name)")
    if name.hasPrefix("vgg") {
      #expect(try count("pool5", .flatten) == 25088 && count("pool5", .avg) == 512, "\(name)")
    }
    if name.hasPrefix("vgg") || name == "alexnet" {
      #expect(try count("pool5", .avg) >= 256 && count("fc1", .none) == 4096 && count("fc2", .none) == 4096)
    }
    if name.contains("resne") {
      let stages = try (1...3).map { try count("layer\($0)", .avg) }
      #expect(stages[1] == 2 * stages[0] && stages[2] == 2 * stages[1], "\(name)")
    }
  }

  /// The comparison must find small mistakes, such as a dropped block, a changed epsilon or a moved stride.
  @Test func mutationsAreFound() throws {
    var compared: [Mutation: Int] = [:]
    for name in [
      "resnet18", "resnet50", "mobilenet_v3_small", "convnext_tiny", "efficientnet_lite0", "vgg11",
    ] {
      let reference = try Reference(name)
      let original = try Architectures.build(name, weights: ReferenceParameters.weights(of: name))
      for mutation in Mutation.allCases {
        // Not every network has the mutated part.
        guard let mutated = mutation.applied(to: original.graph) else { continue }
        var preprocessing = Preprocessing()
        preprocessing.size = Self.size
        let backbone = try Backbone(
          name: name, preprocessing: preprocessing, graph: mutated,
          taps: reference.taps.map { (try original.resolve($0.name), "mutated") }, aliases: original.aliases)
        let worst = try worstError(backbone, of: name, reference)
        #expect(worst.error > Self.bar, "\(name): \(mutation) is not found")
        compared[mutation, default: 0] += 1
      }
    }
    // Six networks and five mutations make 30 pairs. At least 22 of them exist: not every network has batch
    // normalization, a shortcut or a stride that can move.
    #expect(compared.values.reduce(0, +) >= 22, "\(compared)")
    for mutation in Mutation.allCases { #expect(compared[mutation, default: 0] >= 3, "\(mutation)") }
  }

  /// Typical small mistakes in writing down an architecture.
  private enum Mutation: String, CaseIterable {
    case blockDropped, scaleMoved, strideMoved, paddingMoved, activationChanged

    func applied(to graph: Graph) -> Graph? {
      var nodes = graph.nodes
      switch self {
      case .blockDropped:
        guard let index = nodes.lastIndex(where: { $0.operation is Addition }) else { return nil }
        nodes[index] = Graph.Node(
          nodes[index].output, Clamp(minimum: -.infinity, maximum: .infinity),
          [nodes[index].inputs[1]])
      case .scaleMoved:
        // An epsilon of 1e-3 instead of 1e-5 changes the scale by this factor if the variance is 1.
        guard let index = nodes.lastIndex(where: { $0.operation is BatchNormalization }),
          let norm = nodes[index].operation as? BatchNormalization
        else { return nil }
        let moved = BatchNormalization(scale: norm.scale.map { $0 * 0.9995 }, shift: norm.shift)
        nodes[index] = Graph.Node(nodes[index].output, moved, nodes[index].inputs)
      case .strideMoved:
        // The stride moves to the convolution before, as in the first published ResNets.
        let moved = nodes.indices.lazy.compactMap { index -> (Int, Int)? in
          guard let c = nodes[index].operation as? Convolution, c.vertical.stride == 2,
            let before = Self.convolution(before: index, nodes)
          else { return nil }
          return (before, index)
        }
        guard let (first, second) = moved.first else { return nil }
        nodes[first] = Self.strided(nodes[first], 2)
        nodes[second] = Self.strided(nodes[second], 1)
      case .paddingMoved:
        let strided = nodes.indices.filter { (nodes[$0].operation as? Convolution)?.vertical.stride == 2 }
        guard let index = strided.dropFirst().first, let c = nodes[index].operation as? Convolution else {
          return nil
        }
        // The image moves by one pixel, as it does if the other side is padded.
        guard case .around(let before, let after) = c.vertical.padding, before > 0 else { return nil }
        var axis = c.vertical
        axis.padding = .around(before: before - 1, after: after + 1)
        nodes[index] = Graph.Node(
          nodes[index].output,
          Convolution(
            weights: c.weights, bias: c.bias, vertical: axis, horizontal: c.horizontal, groups: c.groups),
          nodes[index].inputs)
      case .activationChanged:
        guard let index = nodes.firstIndex(where: { $0.operation is Clamp || $0.operation is Activation }) else {
          return nil
        }
        nodes[index] = Graph.Node(nodes[index].output, Activation.silu, nodes[index].inputs)
      }
      return Graph(nodes)
    }

    /// The convolution of stride 1 before a node, if only normalizations and activations lie between them.
    private static func convolution(before index: Int, _ nodes: [Graph.Node]) -> Int? {
      var value = nodes[index].inputs[0]
      while let found = nodes.firstIndex(where: { $0.output == value }) {
        switch nodes[found].operation {
        case let c as Convolution: return c.vertical.stride == 1 ? found : nil
        case is BatchNormalization, is Clamp, is Activation: value = nodes[found].inputs[0]
        default: return nil
        }
      }
      return nil
    }

    private static func strided(_ node: Graph.Node, _ stride: Int) -> Graph.Node {
      guard let c = node.operation as? Convolution else { return node }
      var (vertical, horizontal) = (c.vertical, c.horizontal)
      vertical.stride = stride
      horizontal.stride = stride
      let convolution = Convolution(
        weights: c.weights, bias: c.bias, vertical: vertical, horizontal: horizontal, groups: c.groups)
      return Graph.Node(node.output, convolution, node.inputs)
    }
  }
}
