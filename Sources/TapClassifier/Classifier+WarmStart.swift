// A classifier as the beginning of another training.

import TapFileSystem
import TapLinear

extension Classifier {
  /// The weights for a fit of these classes to begin at, matched by name: 0 for classes that this classifier does not
  /// know; those that are not among `names` are left out.
  ///
  /// - Parameter names: at least one, in the order of the new model's class axis.
  package func warmStart(for names: [String]) -> WarmStart {
    let places = classNames.placesByBytes
    var weights: [Double] = []
    var bias: [Double] = []
    weights.reserveCapacity(names.count * dimensions)
    for name in names {
      guard let place = places[ByteKey(name)] else {
        weights += [Double](repeating: 0, count: dimensions)
        bias.append(0)
        continue
      }
      weights += self.weights[(place * dimensions)..<((place + 1) * dimensions)].map(Double.init)
      bias.append(Double(self.bias[place]))
    }
    return WarmStart(weights: weights, bias: bias)
  }
}
