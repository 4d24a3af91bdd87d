"""Living a whole year through the product's own services; people are posts, time is moved."""
