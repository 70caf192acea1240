// The options that have the same meaning in every command, each declared once.

import LayerTap

/// Shared options. Each command lists the shared options that it takes.
package enum Options {
  // MARK: - Computation

  package static let instructionSet = Parameter<InstructionSet?>.optional(
    "instruction-set", .choice, valueName: "set",
    defaultText: "the best there is",
    topic: .running, help: "The kernels to use; the bytes of the features are the same with each.")

  package static let threads = Parameter<Int?>.optional(
    "threads", .integer(in: 1...1024), valueName: "n",
    defaultText: "the cores that this process may use",
    topic: .running, help: "How many images are worked on at once; changes no result.")

  // MARK: - The folder of the stores

  package static let store = Parameter<String?>.optional(
    "store", .folder, valueName: "dir", defaultText: "$\(StorePlace.variable), else \(StorePlace.name)",
    topic: .running, isCommon: true,
    help: "The folder of the feature stores, one below it per backbone and preprocessing.")

  /// The folder of the feature stores for a command line.
  static func storePlace(_ arguments: ParsedArguments) -> StorePlace { StorePlace(arguments[store]) }

  package static let dropMissing = Parameter<Bool>.flag(
    "drop-missing",
    topic: .running,
    help:
      "When adding new columns, drop the rows whose images are found neither in this list nor where they were."
  )

  package static let strict = Parameter<Bool>.flag(
    "strict",
    topic: .general, isCommon: true,
    help: """
      End with an error (exit code 65) where the command would warn: of what it leaves out, reorders, guesses, rounds or \
      stops early, and at the first image that cannot be read.
      """)

  package static let yes = Parameter<Bool>.flag(
    "yes", topic: .running, help: "Go on where the features would take more than half of the free space.")

  /// The options of every command that extracts features into a store.
  package static let storing: [ArgumentDeclaration] = [
    store.declaration, dropMissing.declaration, yes.declaration, threads.declaration,
    instructionSet.declaration,
  ]

  // MARK: - Images and results

  package static let limit = Parameter<Int?>.optional(
    "limit", .integer(atLeast: 1), valueName: "n",
    topic: .data, help: "Take only n images of the list, drawn over classes and splits with the seed.")

  package static let output = Parameter<String?>.optional(
    "output", short: "o", .file, valueName: "file", topic: .output, isCommon: true,
    help: "The result's file.")

  /// The format of a printed result; the first of the names is the default.
  package static func format(_ names: [String]) -> Parameter<String> {
    .option(
      "format", .choice(names), default: names[0], topic: .output, isCommon: true,
      help: "How the result is printed.")
  }

  package static let dryRun = Parameter<Bool>.flag(
    "dry-run", topic: .running, isCommon: true, help: "Say what would be done, and do nothing.")
}
