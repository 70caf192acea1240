// The list of all operators that documents contain by name.

/// The operators that documents can contain.
enum OperatorRegistry {
  private static let types: [any DocumentedOperator.Type] = [
    Activation.self,
    AdaptiveAveragePooling.self,
    Addition.self,
    BatchNormalization.self,
    Clamp.self,
    Concatenation.self,
    Convolution.self,
    Flatten.self,
    FullyConnected.self,
    GlobalAveragePooling.self,
    ImportedNode.self,
    LayerNormalization.self,
    Multiplication.self,
    Reshape.self,
    Softmax.self,
    WindowPooling.self,
  ]

  /// The latest format of documents that this program reads.
  static let latestFormat = types.map { $0.firstFormat }.max() ?? 1

  private static let typesByKind = Dictionary(
    uniqueKeysWithValues: types.flatMap { type in type.documentKinds.map { ($0, type) } })

  /// The operator with the word `kind` in a document of a format. Nil if there is none.
  static func type(_ kind: String, format: Int) -> (any DocumentedOperator.Type)? {
    typesByKind[kind].flatMap { $0.firstFormat <= format ? $0 : nil }
  }
}
