// A network that can be built by name. It has a preprocessing and a function that builds its layers.

import TapBackbone
import TapProvenance
import TapTensors

/// An architecture.
struct Architecture: Sendable {
  let name: String
  /// The preprocessing of the architecture's first published weights.
  let preprocessing: Preprocessing
  /// Tensors that weights of this architecture must have. An architecture is tried only on weights that have all its
  /// probes, since trying an architecture that is too large costs much time and memory.
  private let probes: [(name: String, shape: Shape)]
  /// The default architecture among those that have the same tensors as this architecture. The value is nil if no other
  /// architecture has these tensors, or if this architecture is the default.
  let twinOf: String?
  private let lay: @Sendable (inout NetworkBuilder) -> Void

  init(
    _ name: String, _ preprocessing: Preprocessing, probes: [(String, Shape)],
    twinOf: String? = nil,
    build: @escaping @Sendable (inout NetworkBuilder) -> Void
  ) {
    self.name = name
    self.preprocessing = preprocessing
    self.probes = probes
    self.twinOf = twinOf
    self.lay = build
  }

  init(
    _ name: String, _ preprocessing: Preprocessing, probe: (String, Shape),
    build: @escaping @Sendable (inout NetworkBuilder) -> Void
  ) {
    self.init(name, preprocessing, probes: [probe], build: build)
  }

  /// Whether the weights have all probes, so that trying this architecture is worth its cost.
  func isProbable(_ weights: StateDictionary) -> Bool {
    probes.allSatisfy { weights[$0.name]?.shape.holdsTheSame(as: $0.shape) ?? false }
  }

  /// The parameters with their shapes, in the order in which the architecture requests them.
  func parameters() -> [(name: String, shape: Shape)] {
    laid().reader.requested
  }

  /// The facts about the architecture that need no weights.
  func outline(traits: NetworkTraits = NetworkTraits()) throws(ArchitectureError) -> NetworkOutline {
    let network = laid(traits: traits)
    do {
      return try NetworkOutline(
        name: name, graph: Graph(network.nodes), taps: network.taps, aliases: network.aliases,
        size: preprocessing.size)
    } catch { throw .inconsistent(architecture: name, reason: error) }
  }

  /// The layers of the architecture. Their weights have shapes but no values. So the layers cannot compute anything,
  /// and no backbone is made of them.
  private func laid(traits: NetworkTraits = NetworkTraits()) -> NetworkBuilder {
    var network = NetworkBuilder(ParameterReader(architecture: name, source: .outline), traits: traits)
    lay(&network)
    return network
  }

  /// Tries the architecture on a file's tensors. The result has the backbone, or the reason why the backbone cannot be
  /// built. The result also has the unused tensors, by their names in the file.
  func tried(_ names: TensorNames) -> (backbone: Result<Backbone, ArchitectureError>, unused: [String]) {
    var network = NetworkBuilder(
      ParameterReader(architecture: name, source: .trained(names.weights)), traits: names.traits)
    lay(&network)
    let unused = names.unused(Set(network.reader.requested.map(\.name)))
    do throws(ArchitectureError) { return (.success(try backbone(network)), unused) } catch {
      return (.failure(error), unused)
    }
  }

  func backbone(
    _ source: ParameterReader.Source, traits: NetworkTraits = NetworkTraits()
  ) throws(ArchitectureError) -> Backbone {
    var network = NetworkBuilder(ParameterReader(architecture: name, source: source), traits: traits)
    lay(&network)
    return try backbone(network)
  }

  private func backbone(_ network: NetworkBuilder) throws(ArchitectureError) -> Backbone {
    try network.reader.finish()
    do {
      return try Backbone(
        name: name, preprocessing: preprocessing, graph: Graph(network.nodes), taps: network.taps,
        aliases: network.aliases)
    } catch {
      throw .inconsistent(architecture: name, reason: error)
    }
  }
}

extension Preprocessing {
  /// The preprocessing of a torchvision network: ImageNet's mean and standard deviation, with the resize and the crop
  /// in pixels as torchvision states them.
  static func imageNet(resize: Int, crop: Int, _ interpolation: Interpolation = .bilinear) -> Preprocessing {
    // `crop / fraction`, rounded down, must be equal to `resize`.
    var fraction = Double(crop) / Double(resize)
    if Int((Double(crop) / fraction).rounded(.down)) != resize { fraction = fraction.nextDown }
    return Preprocessing(size: crop, cropFraction: fraction, interpolation: interpolation)
  }
}
