// Small images of evaluated images. The files may have changed or gone since their features were
// computed; then a report says so and is still written.

import TapFeatures
import TapFileSystem
import TapFormats
import TapImages
import TapProvenance
import TapTraining

/// The folders in which the images of an evaluation are searched.
package struct ThumbnailSource: Sendable {
  /// The base folder of items' paths; nil if items have no files.
  private let folder: String?
  /// Other paths of an image with this content.
  private let place: (@Sendable (String) -> String?)?
  /// The preprocessing of the images; nil if it is not known.
  private let preprocessing: Preprocessing?

  /// - Parameters:
  ///   - folder: the folder of the list with the items; nil if it is not known.
  ///   - store: the features' store, which records the paths of images.
  package init(folder: String?, store: FeatureStore?) {
    self.folder = folder
    place = store?.imagePlaces()
    preprocessing = store?.identity.preprocessing
  }

  /// An image, or the reason why there is none.
  package enum Image {
    /// The image, with the part that the network was given, if that is known.
    case found(Thumbnail, seen: VisiblePart?)
    case absent(String)
  }

  package func image(of item: LabeledFeatures.Item) -> Image {
    let candidates = [folder.map { FileSystem.join($0, item.image.path) }, place?(item.contentHash)]
      .compactMap(
        \.self)
    var reason = "the place of the image is not known"
    for path in candidates {
      guard let status = try? FileSystem.status(path), status.isRegularFile,
        let bytes = try? FileSystem.read(path, atMost: ImageDecoder.maximumBytes)
      else {
        reason = "the file is gone or cannot be read"
        continue
      }
      guard SHA256.hash(bytes).hex == item.contentHash else {
        reason = "the file has changed since"
        continue
      }
      do {
        let thumbnail = try Thumbnail(bytes)
        return .found(
          thumbnail,
          seen: preprocessing.map {
            VisiblePart(width: thumbnail.source.width, height: thumbnail.source.height, $0)
          })
      } catch { reason = error.description }
    }
    return .absent(reason)
  }
}
