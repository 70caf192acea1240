// A classifier as the start of another training.

import TapFileSystem
import TapLinear

extension Classifier {
  /// The start of a fit with these classes. Classes are matched by name. The weights of a class that this classifier
  /// does not know are 0. Classes of this classifier that are not among `names` are left out.
  ///
  /// - Parameter names: at least one class name, in the order of the new model's class axis.
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
