// `layertap layers`: lists the layers of a backbone, and the cost of each layer.

import LayerTap
import TapFileSystem
import TapFormats
import TapReports
import TapText

extension Command {
  private static let backbone = Parameter<String>.positional(
    "backbone", .file, default: Architectures.defaultName,
    help: "A built-in backbone (\(Architectures.names.joined(separator: ", "))) or a checkpoint."
  )
  .offering(Architectures.names)

  private static let format = Options.format(["text", "csv", "json"])

  private static let time = Parameter<Bool>.flag(
    "time",
    topic: .running,
    help: "Time every step on one thread instead: how it is computed, and how near the machine's limit.")

  private static let tune = Parameter<Bool>.flag(
    "tune",
    topic: .running,
    help:
      "With --time, measure first which algorithm is fastest for each convolution, as 'extract --tune' does.")

  package static let layers = Command(
    "layers", overview: "List the layers of a backbone: names, shapes, cost.",
    discussion: """
      Shapes are channels x height x width for the backbone's own input size. The stride is in input \
      pixels. Parameters are those between a layer and the one before; multiply-adds are those of one \
      image up to the layer, which is what tapping it costs. A built-in backbone needs no weights for this. \
      'sees' is the receptive field's side in pixels. With --time, GFLOP/s and the share of the limit count two operations \
      for each multiply-add of the definition, so Winograd's steps, which need fewer, can come out above the limit.
      """,
    parameters: [
      backbone.declaration
    ] + Options.architecture.declarations + [
      time.declaration, tune.declaration, Options.instructionSet.declaration, format.declaration,
    ]
  ) { arguments, console in
    for option in [tune.declaration, Options.instructionSet.declaration]
    where arguments.has(option) && !arguments[time] {
      throw UsageError.contradiction("'\(option.flagName)' changes how long steps take: ask for --time")
    }
    let name = arguments[backbone]
    let architecture = try Options.architecture.value(arguments).architecture
    let isNamed = Architectures.names.contains(name) || name.hasPrefix("tf_") && !FileSystem.exists(name)
    if isNamed, let architecture, architecture != name {
      throw UsageError.contradiction("'--architecture' is for a checkpoint, and '\(name)' is a name itself")
    }
    let loaded =
      isNamed
      ? nil : try Backbone.loadWithOrigin(name, architecture: architecture, isNormalizationGiven: true)
    for warning in loaded?.warnings ?? [] { try console.warn(warning) }
    if let absent = loaded?.backbone.absent, let reason = absent.firstReason {
      try console.warn(
        "\(absent.count) nodes of the file are not listed, since they cannot be computed: \(reason).")
    }
    if arguments[time] {
      // The time of a step does not depend on the values of the weights.
      let network = try loaded?.backbone ?? Architectures.seeded(name, seed: 0)
      let instructionSet = arguments[Options.instructionSet] ?? .best
      let tuned =
        arguments[tune]
        ? try Options.tuned(network, stores: nil, instructionSet: instructionSet, console) : network
      let timing = try LayerTiming(of: tuned, instructionSet: instructionSet)
      switch arguments[format] {
      case "csv": console.print(timing.table(isExact: true).csv, terminator: "")
      case "json": console.print(timing.json(warnings: console.warnings).pretty)
      default: console.print(timing.text)
      }
      return
    }
    let layers: LayerTable
    let preprocessing: String
    if let loaded {
      layers = loaded.backbone.layerTable ?? loaded.backbone.table
      preprocessing = text(loaded.backbone.preprocessing, loaded.origin)
    } else {
      let (outline, published) = try Architectures.outline(of: name)
      layers = outline.table
      preprocessing = text(published, .architecture)
    }
    switch arguments[format] {
    case "csv": console.print(table(of: layers, isExact: true).csv, terminator: "")
    case "json":
      var fields = layers.fields
      fields["warnings"] = .array(console.warnings.map(JSONValue.string))
      console.print(JSONValue.object(fields).pretty)
    default: console.print(text(of: layers, preprocessing))
    }
  }

  private static func text(of network: LayerTable, _ preprocessing: String) -> String {
    // Short aliases come first, because an imported network has an alias for each of its nodes.
    let sorted = network.aliases.sorted { ($0.key.utf8.count, $0.key) < ($1.key.utf8.count, $1.key) }
    var aliases = sorted.prefix(20).map { "\($0.key) = \($0.value)" }
    if sorted.count > aliases.count {
      aliases.append("and \(sorted.count - aliases.count) more, see --format json")
    }
    return """
      \(network.backbone), input \(network.inputSize) x \(network.inputSize)
      \(preprocessing)

      \(table(of: network, isExact: false).text)

      aliases: \(aliases.isEmpty ? "none" : aliases.joined(separator: ", "))
      """
  }

  /// The preprocessing and the source of the preprocessing, as text.
  private static func text(_ preprocessing: Preprocessing, _ origin: PreprocessingOrigin) -> String {
    let words =
      switch origin {
      case .file(let path): "from \(path)"
      case .published(let name): "as published for \(name)"
      case .architecture: "the architecture's default"
      case .given: "assumed: the file does not say; extraction wants --mean and --std"
      }
    return "preprocessing: \(preprocessing.text) (\(words))"
  }

  private static func table(of network: LayerTable, isExact: Bool) -> TextTable {
    var table = TextTable([
      ("layer", .left), ("kind", .left), ("shape", .right), ("stride", .right),
      (isExact ? "receptive_field" : "sees", .right), ("parameters", .right),
      (isExact ? "multiply_adds" : "multiply-adds", .right),
    ])
    for layer in network.layers {
      let shape = layer.shape.map(String.init).joined(separator: "x")
      table.add(
        isExact
          ? [
            layer.name, layer.kind, shape, String(layer.stride), layer.receptiveField.map(String.init) ?? "",
            String(layer.parameters),
            String(layer.multiplyAdds),
          ]
          : [
            layer.name, layer.kind, shape, String(layer.stride),
            layer.receptiveField.map(String.init) ?? "all",
            NumberText.grouped(layer.parameters),
            "\(NumberText.fixed(Double(layer.multiplyAdds) / 1e6, digits: 1)) M",
          ])
    }
    return table
  }
}
