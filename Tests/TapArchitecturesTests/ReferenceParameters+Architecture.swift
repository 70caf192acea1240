import TapArchitectures
import TapBackbone
import TestSupport

extension ReferenceParameters {
  /// A state dictionary for everything that an architecture asks for.
  static func weights(of architecture: String) throws -> StateDictionary {
    weights(try Architectures.parameters(of: architecture))
  }
}
