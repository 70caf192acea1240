import TapArchitectures
import TapTensors
import TestSupport

extension ReferenceParameters {
  /// A state dictionary with every parameter that an architecture requests.
  static func weights(of architecture: String) throws -> StateDictionary {
    weights(try Architectures.parameters(of: architecture))
  }
}
