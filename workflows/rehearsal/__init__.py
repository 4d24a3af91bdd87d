"""Living a whole year through the product's own services, with people who are posts and time that is moved."""
